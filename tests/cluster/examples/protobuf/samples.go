package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"log"
	"os"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/client-go/kubernetes/scheme"
)

// Objects as a person would write them. Each goes through Go's types into protobuf and into JSON.
var written = []string{
	`{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a","creationTimestamp":"2026-01-02T03:04:05Z","labels":{"x":"y","empty":""},"managedFields":[{"manager":"m","operation":"Apply","apiVersion":"v1","time":"2026-01-02T03:04:05Z","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:labels":{"f:x":{}}}}}]}}`,
	`{"apiVersion":"v1","kind":"Namespace"}`,
	`{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"a","generation":3},"spec":{"replicas":0,"selector":{"matchLabels":{"app":"web"},"matchExpressions":[{"key":"k","operator":"In","values":["a","b"]}]},"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":"25%","maxUnavailable":0}},"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"c","image":"nginx:1","env":[{"name":"A","value":""},{"name":"B","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}},{"name":"C","valueFrom":{"secretKeyRef":{"name":"s","key":"k","optional":false}}}],"envFrom":[{"prefix":"p","configMapRef":{"name":"cm"}}],"ports":[{"name":"http","containerPort":8080,"protocol":"TCP"}],"livenessProbe":{"httpGet":{"path":"/","port":"http"},"periodSeconds":5},"readinessProbe":{"exec":{"command":["true",""]}},"startupProbe":{"grpc":{"port":1,"service":""}},"lifecycle":{"preStop":{"sleep":{"seconds":-1}}},"resources":{"limits":{"cpu":"500m","memory":"1Gi"},"requests":{"cpu":"1500m"}},"volumeMounts":[{"name":"v","mountPath":"/v"}],"securityContext":{"runAsUser":0,"privileged":false,"capabilities":{"drop":["ALL"]}}}],"volumes":[{"name":"v","emptyDir":{"sizeLimit":"1Mi"}},{"name":"w","projected":{"sources":[{"serviceAccountToken":{"path":"t","expirationSeconds":3607}}],"defaultMode":420}},{"name":"u"},{"name":"e","ephemeral":{"volumeClaimTemplate":{"spec":{"accessModes":["ReadWriteOnce"],"resources":{}}}}}],"securityContext":{"fsGroup":-1,"supplementalGroups":[0,9223372036854775807]}}}}}`,
	`{"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"db"},"spec":{"serviceName":"db","volumeClaimTemplates":[{"metadata":{"name":"data"},"spec":{"resources":{"requests":{"storage":"10Gi"}}}}]}}`,
	`{"apiVersion":"v1","kind":"Service","metadata":{"name":"s"},"spec":{"type":"ClusterIP","clusterIP":"None","ports":[{"port":80,"targetPort":"http"},{"port":81,"targetPort":8081}],"selector":{"a":"b"}}}`,
	`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","deletionTimestamp":"2026-01-02T03:04:05Z","deletionGracePeriodSeconds":0,"ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"r","uid":"u","controller":true}]},"spec":{"containers":[{"name":"c"}],"ephemeralContainers":[{"name":"d","image":"busybox","targetContainerName":"c"}],"tolerations":[{"operator":"Exists","tolerationSeconds":300}],"hostIPC":true,"nodeName":"n"},"status":{"phase":"Running","podIP":"10.0.0.1","podIPs":[{"ip":"10.0.0.1"}],"conditions":[{"type":"Ready","status":"True","lastTransitionTime":"2026-01-02T03:04:05Z"}],"containerStatuses":[{"name":"c","state":{"running":{"startedAt":"2026-01-02T03:04:05Z"}}}]}}`,
	`{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview","status":{"userInfo":{"username":"alice","groups":["g"],"extra":{"a.b/c":["1","2"],"none":[]}}}}`,
	`{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}`,
	`{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"audiences":["api"],"expirationSeconds":600}}`,
	`{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{"namespace":"a","verb":"get","resource":"pods","labelSelector":{"requirements":[{"key":"a","operator":"Exists"}]}}}}`,
	`{"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview","spec":{"user":"bob","groups":["g"],"extra":{"e":["v"]},"nonResourceAttributes":{"path":"/x","verb":"get"}}}`,
	`{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectRulesReview","spec":{"namespace":"a"}}`,
	`{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"p","namespace":"a"},"deleteOptions":{"gracePeriodSeconds":0}}`,
	`{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding","metadata":{"name":"rb"},"subjects":[{"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":"alice"}],"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"view"}}`,
	`{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"r"},"rules":[{"verbs":["*"],"nonResourceURLs":["/x"]}],"aggregationRule":{"clusterRoleSelectors":[{}]}}`,
	`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"cm"},"data":{"a":"zwölf\n","b":""},"binaryData":{"x":"AP8=","y":""},"immutable":false}`,
	`{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"type":"Opaque","data":{"p":"c2VjcmV0"},"stringData":{"q":"r"}}`,
	`{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"pvc"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1024Mi"},"limits":{"storage":"0"}},"storageClassName":""}}`,
	`{"apiVersion":"v1","kind":"PersistentVolume","metadata":{"name":"pv"},"spec":{"capacity":{"storage":"1e3"},"hostPath":{"path":"/x"}}}`,
	`{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"q"},"spec":{"hard":{"pods":"10","requests.cpu":"100m"},"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass","operator":"Exists"}]}}}`,
	`{"apiVersion":"v1","kind":"LimitRange","metadata":{"name":"l"},"spec":{"limits":[{"type":"Container","max":{"cpu":"2"}}]}}`,
	`{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"sa"},"secrets":[{"name":"x"}],"imagePullSecrets":[{"name":"y"}]}`,
	`{"apiVersion":"v1","kind":"Binding","metadata":{"name":"p"},"target":{"kind":"Node","name":"n"}}`,
	`{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"j"},"spec":{"backoffLimit":0,"ttlSecondsAfterFinished":60,"suspend":false,"template":{"spec":{"containers":[{"name":"c"}],"restartPolicy":"Never"}}}}`,
	`{"apiVersion":"batch/v1","kind":"CronJob","metadata":{"name":"cj"},"spec":{"schedule":"* * * * *","jobTemplate":{"spec":{"template":{"spec":{"containers":null}}}}}}`,
	`{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"np"},"spec":{"podSelector":{},"ingress":[{"ports":[{"port":"http"},{"port":80,"endPort":90}],"from":[{"ipBlock":{"cidr":"10.0.0.0/8","except":["10.1.0.0/16"]}},{"namespaceSelector":{}}]},{}],"policyTypes":["Ingress"]}}`,
	`{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"i"},"spec":{"ingressClassName":"nginx","rules":[{"host":"a.example.com","http":{"paths":[{"path":"/","pathType":"Prefix","backend":{"service":{"name":"s","port":{"number":80}}}}]}},{"host":"b"}],"tls":[{"hosts":["a.example.com"]}]}}`,
	`{"apiVersion":"v1","kind":"DeleteOptions","gracePeriodSeconds":5,"preconditions":{"uid":"u","resourceVersion":"7"},"propagationPolicy":"Foreground","dryRun":["All"]}`,
	`{"apiVersion":"apps/v1","kind":"DeleteOptions"}`,
	`{"apiVersion":"v1","kind":"Event","metadata":{"name":"e"},"involvedObject":{"kind":"Pod","name":"p"},"reason":"R","count":2,"type":"Normal","firstTimestamp":"2026-01-02T03:04:05Z","eventTime":"2026-01-02T03:04:05.000120Z"}`,
	`{"apiVersion":"events.k8s.io/v1","kind":"Event","metadata":{"name":"e"},"eventTime":"2026-01-02T03:04:05.123456Z","series":{"count":3,"lastObservedTime":"1969-12-31T23:59:59.999999Z"}}`,
	`{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"l"},"spec":{"holderIdentity":"h","leaseDurationSeconds":15,"renewTime":"2026-01-02T03:04:05.000000Z"}}`,
	`{"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{"name":"pdb"},"spec":{"minAvailable":"50%"},"status":{"disruptedPods":{"p":"2026-01-02T03:04:05Z"}}}`,
	`{"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"h"},"spec":{"scaleTargetRef":{"kind":"Deployment","name":"web","apiVersion":"apps/v1"},"minReplicas":1,"maxReplicas":3,"metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":80}}},{"type":"Pods","pods":{"metric":{"name":"q"},"target":{"type":"AverageValue","averageValue":"100m"}}}]}}`,
	`{"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"web"},"spec":{"replicas":2}}`,
	`{"apiVersion":"apps/v1","kind":"ControllerRevision","metadata":{"name":"c"},"data":{"spec":{"a":[1,2.5,null]}},"revision":1}`,
	`{"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{"name":"e"},"addressType":"IPv4","endpoints":[{"addresses":["10.0.0.1"],"conditions":{"ready":true}}],"ports":[{"name":"","port":80}]}`,
	`{"apiVersion":"storage.k8s.io/v1","kind":"StorageClass","metadata":{"name":"sc"},"provisioner":"x","parameters":{"a":"b"},"allowVolumeExpansion":false}`,
	`{"apiVersion":"v1","kind":"Status","status":"Failure","message":"m","reason":"NotFound","code":404,"details":{"name":"x","causes":[{"reason":"r","field":"f"}]}}`,
	`{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"x.y"},"spec":{"group":"y","scope":"Cluster","names":{"plural":"x","kind":"X"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"a":{"type":"number","maximum":1.5,"default":{"b":1},"enum":["x",2]},"l":{"type":"array","items":{"type":"string"}},"m":{"additionalProperties":{"x-kubernetes-int-or-string":true}},"n":{"additionalProperties":false},"o":{"$ref":"#/a","additionalItems":true}}}}}]}}`,
}

// samples writes one object a line: its protobuf in base64, and the JSON that Go makes of what it reads back from that.
func samples(file string) {
	serializer := protobuf.NewSerializer(scheme.Scheme, scheme.Scheme)
	var out bytes.Buffer
	for i, text := range written {
		object, gvk, err := scheme.Codecs.UniversalDeserializer().Decode([]byte(text), nil, nil)
		check(err, text)
		object.GetObjectKind().SetGroupVersionKind(*gvk)
		var body bytes.Buffer
		check(serializer.Encode(object, &body), text)
		var back runtime.Object
		back, _, err = serializer.Decode(body.Bytes(), nil, nil)
		check(err, text)
		back.GetObjectKind().SetGroupVersionKind(*gvk)
		value, err := json.Marshal(back)
		check(err, text)
		line, err := json.Marshal(map[string]any{
			"body": base64.StdEncoding.EncodeToString(body.Bytes()), "object": json.RawMessage(value),
		})
		check(err, text)
		out.WriteString(map[bool]string{true: "[", false: ",\n"}[i == 0])
		out.Write(line)
	}
	out.WriteString("]\n")
	check(os.WriteFile(file, out.Bytes(), 0o644), file)
}

func check(err error, what string) {
	if err != nil {
		log.Fatalf("%v: %s", err, what)
	}
}
