// What Prometheus' own code makes of a configuration: one JSON object per line in, one out. Nothing is read or asked besides.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery"
	"github.com/prometheus/prometheus/discovery/file"
	"github.com/prometheus/prometheus/discovery/http"
	_ "github.com/prometheus/prometheus/discovery/install"
	"github.com/prometheus/prometheus/discovery/kubernetes"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/relabel"
)

type question struct {
	YAML string `json:"yaml"`
}

type answer struct {
	Error          string     `json:"error,omitempty"`
	Interval       string     `json:"interval"`
	Timeout        string     `json:"timeout"`
	ExternalLabels [][]string `json:"external_labels"`
	Jobs           []job      `json:"jobs"`
}

type job struct {
	Name       string              `json:"name"`
	Interval   string              `json:"interval"`
	Timeout    string              `json:"timeout"`
	Path       string              `json:"path"`
	Scheme     string              `json:"scheme"`
	Params     map[string][]string `json:"params"`
	Honor      []bool              `json:"honor"`
	Histograms []bool              `json:"histograms"`
	Names      string              `json:"names"`
	Limits     []int64             `json:"limits"`
	Rules      []rule              `json:"rules"`
	Metrics    []rule              `json:"metrics"`
	Files      []string            `json:"files"`
	Static     []group             `json:"static"`
	Kubernetes []kube              `json:"kubernetes"`
	HTTP       []string            `json:"http"`
	File       [][]string          `json:"file"`
	Other      []string            `json:"other"`
}

type rule struct {
	Sources     []string `json:"sources"`
	Separator   string   `json:"separator"`
	Regex       string   `json:"regex"`
	Modulus     uint64   `json:"modulus"`
	Target      string   `json:"target"`
	Replacement string   `json:"replacement"`
	Action      string   `json:"action"`
}

type group struct {
	Targets []string          `json:"targets"`
	Labels  map[string]string `json:"labels"`
}

type kube struct {
	Role       string     `json:"role"`
	Names      []string   `json:"names"`
	Own        bool       `json:"own"`
	Selectors  [][]string `json:"selectors"`
	Attach     []bool     `json:"attach"`
	Server     bool       `json:"server"`
	Kubeconfig string     `json:"kubeconfig"`
	Files      []string   `json:"files"`
}

func rules(configs []*relabel.Config) []rule {
	made := []rule{}
	for _, c := range configs {
		sources := []string{}
		for _, name := range c.SourceLabels {
			sources = append(sources, string(name))
		}
		made = append(made, rule{sources, c.Separator, c.Regex.String(), c.Modulus, c.TargetLabel, c.Replacement, string(c.Action)})
	}
	return made
}

func isSet(value *bool) bool { return value != nil && *value }

func jobOf(c *config.ScrapeConfig) job {
	tls := c.HTTPClientConfig.TLSConfig
	made := job{
		Name: c.JobName, Interval: c.ScrapeInterval.String(), Timeout: c.ScrapeTimeout.String(),
		Path: c.MetricsPath, Scheme: c.Scheme, Params: map[string][]string{},
		Honor:      []bool{c.HonorLabels, c.HonorTimestamps},
		Histograms: []bool{isSet(c.ScrapeNativeHistograms), isSet(c.AlwaysScrapeClassicHistograms), isSet(c.ConvertClassicHistogramsToNHCB)},
		Names:      c.MetricNameValidationScheme.String(),
		Limits: []int64{int64(c.BodySizeLimit), int64(c.SampleLimit), int64(c.TargetLimit), int64(c.LabelLimit),
			int64(c.LabelNameLengthLimit), int64(c.LabelValueLengthLimit), int64(c.KeepDroppedTargets)},
		Rules: rules(c.RelabelConfigs), Metrics: rules(c.MetricRelabelConfigs),
		Files:  []string{tls.CAFile, tls.CertFile, tls.KeyFile},
		Static: []group{}, Kubernetes: []kube{}, HTTP: []string{}, File: [][]string{}, Other: []string{},
	}
	for name, values := range c.Params {
		made.Params[name] = append([]string{}, values...)
	}
	for _, c := range c.ServiceDiscoveryConfigs {
		switch c := c.(type) {
		case discovery.StaticConfig:
			for _, g := range c {
				one := group{[]string{}, map[string]string{}}
				for _, target := range g.Targets {
					one.Targets = append(one.Targets, string(target[model.AddressLabel]))
				}
				for name, value := range g.Labels {
					one.Labels[string(name)] = string(value)
				}
				made.Static = append(made.Static, one)
			}
		case *kubernetes.SDConfig:
			tls := c.HTTPClientConfig.TLSConfig
			one := kube{
				Role: string(c.Role), Names: append([]string{}, c.NamespaceDiscovery.Names...),
				Own: c.NamespaceDiscovery.IncludeOwnNamespace, Selectors: [][]string{},
				Attach: []bool{c.AttachMetadata.Node, c.AttachMetadata.Namespace, c.AttachMetadata.Deployment, c.AttachMetadata.Job, c.AttachMetadata.CronJob},
				Server: c.APIServer.URL != nil, Kubeconfig: c.KubeConfig,
				Files: []string{tls.CAFile, tls.CertFile, tls.KeyFile},
			}
			for _, s := range c.Selectors {
				one.Selectors = append(one.Selectors, []string{string(s.Role), s.Label, s.Field})
			}
			made.Kubernetes = append(made.Kubernetes, one)
		case *http.SDConfig:
			made.HTTP = append(made.HTTP, c.URL)
		case *file.SDConfig:
			made.File = append(made.File, append([]string{}, c.Files...))
		default:
			made.Other = append(made.Other, c.Name())
		}
	}
	return made
}

func load(text string) (made answer) {
	// What makes Prometheus die is an answer too.
	defer func() {
		if r := recover(); r != nil {
			made = answer{Error: fmt.Sprintf("panic: %v", r)}
		}
	}()
	c, err := config.Load(text, slog.New(slog.DiscardHandler))
	if err != nil {
		return answer{Error: err.Error()}
	}
	made = answer{
		Interval: c.GlobalConfig.ScrapeInterval.String(), Timeout: c.GlobalConfig.ScrapeTimeout.String(),
		ExternalLabels: [][]string{}, Jobs: []job{},
	}
	c.GlobalConfig.ExternalLabels.Range(func(l labels.Label) {
		made.ExternalLabels = append(made.ExternalLabels, []string{l.Name, l.Value})
	})
	for _, one := range c.ScrapeConfigs {
		made.Jobs = append(made.Jobs, jobOf(one))
	}
	return made
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	decoder := json.NewDecoder(in)
	for decoder.More() {
		var q question
		if err := decoder.Decode(&q); err != nil {
			panic(err)
		}
		if err := encoder.Encode(load(q.YAML)); err != nil {
			panic(err)
		}
		if err := out.Flush(); err != nil {
			panic(err)
		}
	}
}
