// Command kubernetes-oracle answers what Kubernetes' own code decides.
//
// It reads lines of JSON from standard input, each a question, and writes a line of JSON for each: whether the RBAC authorizer
// allows a request of a ServiceAccount, given roles and bindings; or whether a pod of a DaemonSet fits a Node.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apiserver/pkg/authentication/serviceaccount"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	helpers "k8s.io/component-helpers/scheduling/corev1"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/controller/daemon/util"
	"k8s.io/kubernetes/pkg/registry/rbac/validation"
	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac"
)

type question struct {
	Roles               []*rbacv1.Role               `json:"roles"`
	ClusterRoles        []*rbacv1.ClusterRole        `json:"clusterRoles"`
	RoleBindings        []*rbacv1.RoleBinding        `json:"roleBindings"`
	ClusterRoleBindings []*rbacv1.ClusterRoleBinding `json:"clusterRoleBindings"`
	Account             struct {
		Namespace string `json:"namespace"`
		Name      string `json:"name"`
	} `json:"account"`
	Requests []request `json:"requests"`

	Pod  *corev1.PodSpec `json:"pod"`
	Node *corev1.Node    `json:"node"`
}

type request struct {
	Verb        string `json:"verb"`
	Group       string `json:"group"`
	Resource    string `json:"resource"`
	Subresource string `json:"subresource"`
	Name        string `json:"name"`
	Namespace   string `json:"namespace"`
	Path        string `json:"path"`
}

type answer struct {
	Allowed []bool `json:"allowed,omitempty"`
	Fits    bool   `json:"fits"`
}

func authorize(asked question) []bool {
	_, static := validation.NewTestRuleResolver(
		asked.Roles, asked.RoleBindings, asked.ClusterRoles, asked.ClusterRoleBindings)
	decider := rbac.New(static, static, static, static)
	user := serviceaccount.UserInfo(asked.Account.Namespace, asked.Account.Name, "")
	var allowed []bool
	for _, wanted := range asked.Requests {
		decision, _, _ := decider.Authorize(context.Background(), authorizer.AttributesRecord{
			User:            withAuthenticated{user.GetName(), user.GetGroups()},
			Verb:            wanted.Verb,
			Namespace:       wanted.Namespace,
			APIGroup:        wanted.Group,
			Resource:        wanted.Resource,
			Subresource:     wanted.Subresource,
			Name:            wanted.Name,
			ResourceRequest: wanted.Path == "",
			Path:            wanted.Path,
		})
		allowed = append(allowed, decision == authorizer.DecisionAllow)
	}
	return allowed
}

// withAuthenticated is a user with the group the API server gives everybody who is known to it.
type withAuthenticated struct {
	name   string
	groups []string
}

func (u withAuthenticated) GetName() string               { return u.name }
func (u withAuthenticated) GetUID() string                { return "" }
func (u withAuthenticated) GetGroups() []string           { return append(u.groups, "system:authenticated") }
func (u withAuthenticated) GetExtra() map[string][]string { return nil }

// fits does what the DaemonSet controller does: its pods have tolerations of their own.
func fits(spec *corev1.PodSpec, node *corev1.Node) bool {
	util.AddOrUpdateDaemonPodTolerations(spec)
	if spec.NodeName != "" && spec.NodeName != node.Name {
		return false
	}
	matches, _ := nodeaffinity.GetRequiredNodeAffinity(&corev1.Pod{Spec: *spec}).Match(node)
	_, untolerated := helpers.FindMatchingUntoleratedTaint(klog.Background(), node.Spec.Taints, spec.Tolerations, func(t *corev1.Taint) bool {
		return t.Effect == corev1.TaintEffectNoExecute || t.Effect == corev1.TaintEffectNoSchedule
	}, false)
	return matches && !untolerated
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	defer out.Flush()
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			var asked question
			if err := json.Unmarshal(line, &asked); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(2)
			}
			told := answer{Allowed: authorize(asked)}
			if asked.Pod != nil {
				told.Fits = fits(asked.Pod, asked.Node)
			}
			text, err := json.Marshal(told)
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(2)
			}
			out.Write(text)
			out.WriteByte('\n')
		}
		if err != nil {
			return
		}
	}
}
