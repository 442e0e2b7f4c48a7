// Writes src/demo/protobuf/data: how the kinds that the demo serves are laid out in protobuf and in JSON, and samples of both.
//
//	cd tests/cluster/examples/protobuf && go mod tidy && go run . ../../../../src/demo/protobuf/data
//
// The Go types are asked through reflection: their tags are what the generated code was generated from.
package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"
)

// The groups that the demo serves.
var served = []string{
	"v1", "admissionregistration.k8s.io/v1", "apiextensions.k8s.io/v1", "apps/v1", "authentication.k8s.io/v1",
	"authorization.k8s.io/v1", "autoscaling/v1", "autoscaling/v2", "batch/v1", "coordination.k8s.io/v1",
	"discovery.k8s.io/v1", "events.k8s.io/v1", "networking.k8s.io/v1", "policy/v1", "rbac.authorization.k8s.io/v1",
	"scheduling.k8s.io/v1", "storage.k8s.io/v1", "meta.k8s.io/v1",
}

// Kinds of these groups that no client sends to the demo.
var unwanted = map[string]bool{
	"WatchEvent": true, "APIGroup": true, "APIGroupList": true, "APIResourceList": true, "APIVersions": true,
	"InternalEvent": true, "ConversionReview": true, "ComponentStatus": true, "PodTemplate": true,
	"ReplicationController": true, "RangeAllocation": true, "CSIDriver": true, "CSINode": true, "VolumeAttachment": true,
	"ValidatingAdmissionPolicy": true, "ValidatingAdmissionPolicyBinding": true, "MutatingAdmissionPolicy": true,
	"MutatingAdmissionPolicyBinding": true, "PodStatusResult": true,
}

// Types that say themselves how they look in JSON, by the name that the decoder knows them by.
var own = map[string]string{
	"meta.v1.Time": "time", "meta.v1.MicroTime": "micro", "meta.v1.Duration": "duration", "meta.v1.FieldsV1": "raw",
	"resource.Quantity": "quantity", "intstr.IntOrString": "intstr", "runtime.RawExtension": "raw",
	"apiextensions.v1.JSON": "raw", "apiextensions.v1.JSONSchemaPropsOrBool": "orbool",
	"apiextensions.v1.JSONSchemaPropsOrArray": "orarray", "apiextensions.v1.JSONSchemaPropsOrStringArray": "orstrings",
}

var (
	unmarshaler = reflect.TypeFor[interface{ Unmarshal([]byte) error }]()
	marshaler   = reflect.TypeFor[interface{ MarshalJSON() ([]byte, error) }]()
	messages    = map[string][]string{}
)

func name(of reflect.Type) string {
	path := strings.Split(of.PkgPath(), "/")
	last := path[len(path)-1]
	if strings.HasPrefix(last, "v1") || strings.HasPrefix(last, "v2") {
		last = path[len(path)-2] + "." + last
	}
	return last + "." + of.Name()
}

// The type of a value: a scalar's letter, one of `own`, or a message's name.
func sortOf(of reflect.Type, tag string) string {
	if reflect.PointerTo(of).Implements(unmarshaler) && of.Kind() == reflect.Slice {
		return "strings"
	}
	switch of.Kind() {
	case reflect.String:
		return "s"
	case reflect.Bool:
		return "b"
	case reflect.Int32:
		return "i"
	case reflect.Int64:
		return "l"
	case reflect.Float64:
		return "d"
	case reflect.Slice:
		if of.Elem().Kind() == reflect.Uint8 {
			return "y"
		}
	case reflect.Struct:
		if word, ok := own[name(of)]; ok {
			if strings.HasPrefix(word, "or") {
				message(reflect.TypeFor[apiextensions.JSONSchemaProps]())
			}
			return word
		}
		if of.Implements(marshaler) {
			log.Fatalf("%s writes its own JSON", of)
		}
		message(of)
		return name(of)
	}
	log.Fatalf("%s (%s)", of, tag)
	return ""
}

func message(of reflect.Type) {
	if _, done := messages[name(of)]; done {
		return
	}
	messages[name(of)] = nil
	lines := []string{}
	for i := range of.NumField() {
		field := of.Field(i)
		tag := field.Tag.Get("protobuf")
		parts := strings.Split(field.Tag.Get("json"), ",")
		options := strings.Join(parts[1:], ",")
		if parts[0] == "-" || !field.IsExported() || field.Type == reflect.TypeFor[meta.TypeMeta]() {
			continue
		}
		if tag == "" {
			log.Fatalf("%s.%s has no protobuf tag", of, field.Name)
		}
		json := parts[0]
		if json == "" && field.Anonymous {
			json = "-"
		} else if json == "" {
			json = field.Name
		}
		typ, shape := field.Type, ""
		switch {
		case typ.Kind() == reflect.Pointer:
			typ, shape = typ.Elem(), "?"
		case typ.Kind() == reflect.Map:
			typ, shape = typ.Elem(), "{}"
		case typ.Kind() == reflect.Slice && typ.Elem().Kind() != reflect.Uint8 && !reflect.PointerTo(typ).Implements(unmarshaler):
			typ, shape = typ.Elem(), "[]"
		}
		value := sortOf(typ, tag)
		value = strings.TrimPrefix(value, strings.TrimSuffix(name(of), of.Name()))
		mark := "+"
		if strings.Contains(options, "omitzero") {
			mark = "~"
		} else if strings.Contains(options, "omitempty") && (typ.Kind() != reflect.Struct || shape != "") {
			mark = ""
		}
		line := fmt.Sprintf("%s %s %s%s%s", strings.Split(tag, ",")[1], json, mark, shape, value)
		if strings.ToUpper(json[:1])+json[1:] != field.Name {
			line += " " + field.Name
		}
		lines = append(lines, line)
	}
	messages[name(of)] = lines
}

func main() {
	apiextensions.AddToScheme(scheme.Scheme)
	into := os.Args[1]
	var out strings.Builder
	for _, version := range served {
		types := []string{}
		for gvk, of := range scheme.Scheme.AllKnownTypes() {
			if gvk.GroupVersion().String() != version || strings.HasSuffix(gvk.Kind, "Options") && gvk.Kind != "DeleteOptions" {
				continue
			}
			if unwanted[gvk.Kind] || strings.HasSuffix(gvk.Kind, "List") || !reflect.PointerTo(of).Implements(unmarshaler) {
				continue
			}
			message(of)
			types = append(types, name(of))
		}
		if version == "meta.k8s.io/v1" {
			types = []string{"meta.v1.DeleteOptions"}
		}
		sort.Strings(types)
		fmt.Fprintf(&out, "@%s %s\n", version, strings.Join(types, " "))
	}
	names := []string{}
	for name := range messages {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Fprintf(&out, "=%s\n", name)
		for _, line := range messages[name] {
			fmt.Fprintln(&out, line)
		}
	}
	if err := os.WriteFile(filepath.Join(into, "messages.txt"), []byte(out.String()), 0o644); err != nil {
		log.Fatal(err)
	}
	samples(filepath.Join(into, "samples.json"))
}
