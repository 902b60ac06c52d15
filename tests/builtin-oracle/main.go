// Answers what the API server makes of objects of its own kinds that are created: its own decoder, defaults and strategies,
// without a server.
//
// Each line of input is an object as JSON; each line of output is the answer.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	jsonserializer "k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	_ "k8s.io/kubernetes/pkg/apis/autoscaling/install"
	_ "k8s.io/kubernetes/pkg/apis/batch/install"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	_ "k8s.io/kubernetes/pkg/apis/discovery/install"
	_ "k8s.io/kubernetes/pkg/apis/networking/install"
	_ "k8s.io/kubernetes/pkg/apis/rbac/install"
	"k8s.io/kubernetes/pkg/registry/apps/daemonset"
	"k8s.io/kubernetes/pkg/registry/apps/deployment"
	"k8s.io/kubernetes/pkg/registry/apps/replicaset"
	"k8s.io/kubernetes/pkg/registry/apps/statefulset"
	"k8s.io/kubernetes/pkg/registry/autoscaling/horizontalpodautoscaler"
	"k8s.io/kubernetes/pkg/registry/batch/cronjob"
	"k8s.io/kubernetes/pkg/registry/batch/job"
	"k8s.io/kubernetes/pkg/registry/core/configmap"
	"k8s.io/kubernetes/pkg/registry/core/endpoint"
	"k8s.io/kubernetes/pkg/registry/core/namespace"
	"k8s.io/kubernetes/pkg/registry/core/node"
	"k8s.io/kubernetes/pkg/registry/core/pod"
	"k8s.io/kubernetes/pkg/registry/core/replicationcontroller"
	"k8s.io/kubernetes/pkg/registry/core/secret"
	"k8s.io/kubernetes/pkg/registry/core/service"
	"k8s.io/kubernetes/pkg/registry/core/serviceaccount"
	"k8s.io/kubernetes/pkg/registry/discovery/endpointslice"
	"k8s.io/kubernetes/pkg/registry/networking/ingress"
	"k8s.io/kubernetes/pkg/registry/networking/networkpolicy"
	"k8s.io/kubernetes/pkg/registry/rbac/clusterrole"
	"k8s.io/kubernetes/pkg/registry/rbac/clusterrolebinding"
	"k8s.io/kubernetes/pkg/registry/rbac/role"
	"k8s.io/kubernetes/pkg/registry/rbac/rolebinding"
)

var strategies = map[string]rest.RESTCreateStrategy{
	"ConfigMap":               configmap.Strategy,
	"Endpoints":               endpoint.Strategy,
	"Namespace":               namespace.Strategy,
	"Node":                    node.Strategy,
	"Pod":                     pod.Strategy,
	"ReplicationController":   replicationcontroller.Strategy,
	"Secret":                  secret.Strategy,
	"Service":                 service.Strategy,
	"ServiceAccount":          serviceaccount.Strategy,
	"DaemonSet":               daemonset.Strategy,
	"Deployment":              deployment.Strategy,
	"ReplicaSet":              replicaset.Strategy,
	"StatefulSet":             statefulset.Strategy,
	"HorizontalPodAutoscaler": horizontalpodautoscaler.Strategy,
	"CronJob":                 cronjob.Strategy,
	"Job":                     job.Strategy,
	"EndpointSlice":           endpointslice.Strategy,
	"Ingress":                 ingress.Strategy,
	"NetworkPolicy":           networkpolicy.Strategy,
	"ClusterRole":             clusterrole.Strategy,
	"ClusterRoleBinding":      clusterrolebinding.Strategy,
	"Role":                    role.Strategy,
	"RoleBinding":             rolebinding.Strategy,
}

type answer struct {
	// What strict decoding alone refuses: unknown fields, and keys that stand twice.
	Unknown []string `json:"unknown"`
	// Why it cannot be decoded.
	Undecodable string `json:"undecodable"`
	// Why it is invalid.
	Errors []string `json:"errors"`
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	scheme := legacyscheme.Scheme
	strict := jsonserializer.NewSerializerWithOptions(jsonserializer.DefaultMetaFactory, scheme, scheme, jsonserializer.SerializerOptions{Strict: true})
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, 1<<26)
	output := bufio.NewWriter(os.Stdout)
	defer output.Flush()
	for input.Scan() {
		var kind metav1.TypeMeta
		check(json.Unmarshal(input.Bytes(), &kind))
		strategy, known := strategies[kind.Kind]
		if !known {
			check(fmt.Errorf("no strategy of %v", kind))
		}
		hub := schema.GroupVersion{Group: kind.GroupVersionKind().Group, Version: runtime.APIVersionInternal}
		decoder := legacyscheme.Codecs.DecoderToVersion(strict, hub)
		check(json.NewEncoder(output).Encode(judge(decoder, strategy, kind, input.Bytes())))
	}
	check(input.Err())
}

// The order is that of the API server's create handler.
func judge(decoder runtime.Decoder, strategy rest.RESTCreateStrategy, kind metav1.TypeMeta, text []byte) answer {
	var result answer
	object, _, err := decoder.Decode(text, nil, nil)
	if err != nil {
		strictError, isStrict := runtime.AsStrictDecodingError(err)
		if !isStrict || object == nil {
			result.Undecodable = err.Error()
			return result
		}
		for _, one := range strictError.Errors() {
			result.Unknown = append(result.Unknown, one.Error())
		}
	}
	ctx := request.NewContext()
	version := kind.GroupVersionKind()
	ctx = request.WithRequestInfo(ctx, &request.RequestInfo{APIGroup: version.Group, APIVersion: version.Version})
	accessor, err := meta.Accessor(object)
	check(err)
	if !strategy.NamespaceScoped() {
		ctx = request.WithNamespace(ctx, "")
	} else {
		if accessor.GetNamespace() == "" {
			accessor.SetNamespace("default")
		}
		ctx = request.WithNamespace(ctx, accessor.GetNamespace())
	}
	rest.FillObjectMetaSystemFields(accessor)
	if err := create(ctx, strategy, object); err != nil {
		result.Errors = causes(err)
	}
	return result
}

// A strategy may crash on what its handler would have kept from it; that is no acceptance.
func create(ctx context.Context, strategy rest.RESTCreateStrategy, object runtime.Object) (err error) {
	defer func() {
		if crash := recover(); crash != nil {
			err = fmt.Errorf("crash: %v", crash)
		}
	}()
	return rest.BeforeCreate(strategy, ctx, object)
}

func causes(err error) []string {
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Details == nil || len(status.Status().Details.Causes) == 0 {
		return []string{err.Error()}
	}
	var all []string
	for _, cause := range status.Status().Details.Causes {
		all = append(all, cause.Field+": "+cause.Message)
	}
	return all
}
