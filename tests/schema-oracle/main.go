// Answers what the API server makes of custom resources: its own packages, without a server.
//
// Arguments are the files of CustomResourceDefinitions. Each line of input is an object as JSON; each line of output is the answer.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"
)

type kind struct {
	structural *schema.Structural
	validator  validation.SchemaValidator
	rules      *cel.Validator
}

type answer struct {
	Unknown []string `json:"unknown"`
	Errors  []string `json:"errors"`
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	kinds := map[string]kind{}
	for _, path := range os.Args[1:] {
		text, err := os.ReadFile(path)
		check(err)
		var external v1.CustomResourceDefinition
		check(yaml.Unmarshal(text, &external))
		for _, version := range external.Spec.Versions {
			var props apiextensions.JSONSchemaProps
			check(v1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(version.Schema.OpenAPIV3Schema, &props, nil))
			structural, err := schema.NewStructural(&props)
			check(err)
			validator, _, err := validation.NewSchemaValidator(&props)
			check(err)
			rules := cel.NewValidator(structural, true, celconfig.PerCallLimit)
			name := external.Spec.Group + "/" + version.Name + " " + external.Spec.Names.Kind
			kinds[name] = kind{structural, validator, rules}
		}
	}
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, 1<<26)
	output := bufio.NewWriter(os.Stdout)
	defer output.Flush()
	for input.Scan() {
		// Whole numbers become int64, as in the API server's decoder.
		var object map[string]interface{}
		check(utiljson.Unmarshal(input.Bytes(), &object))
		kind, known := kinds[fmt.Sprint(object["apiVersion"], " ", object["kind"])]
		if !known {
			check(fmt.Errorf("no definition of %v %v", object["apiVersion"], object["kind"]))
		}
		check(json.NewEncoder(output).Encode(kind.answer(object)))
	}
	check(input.Err())
}

// The order is that of the API server's create handler.
func (k kind) answer(object map[string]interface{}) answer {
	options := schema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}
	result := answer{Unknown: pruning.PruneWithOptions(object, k.structural, true, options)}
	defaulting.PruneNonNullableNullsWithoutDefaults(object, k.structural)
	defaulting.Default(object, k.structural)
	errors := validation.ValidateCustomResource(nil, object, k.validator)
	errors = append(errors, listtype.ValidateListSetsAndMaps(nil, k.structural, object)...)
	// Rules are only asked about what has the right shape.
	if len(errors) == 0 && k.rules != nil {
		found, _ := k.rules.Validate(context.Background(), nil, k.structural, object, nil, celconfig.RuntimeCELCostBudget)
		errors = append(errors, found...)
	}
	for _, err := range errors {
		result.Errors = append(result.Errors, err.Error())
	}
	return result
}
