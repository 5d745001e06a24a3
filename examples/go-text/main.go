// Counts words and remembers how often it was asked, as a plugin in Go over HashiCorp's go-plugin.
package main

import (
	"context"
	"encoding/json"
	"strings"

	plugin "bulkhead.dev/plugin"
	"github.com/hashicorp/go-hclog"
)

type text struct {
	Text string `json:"text"`
}

func count(ctx context.Context, call *plugin.Call, input json.RawMessage) (any, error) {
	var given text
	if err := json.Unmarshal(input, &given); err != nil {
		return nil, &plugin.Failure{Code: "bad-input", Message: err.Error()}
	}
	if err := call.Log(ctx, hclog.Info, "counting"); err != nil {
		return nil, err
	}
	return map[string]int{
		"words": len(strings.Fields(given.Text)),
		"lines": strings.Count(given.Text, "\n") + 1,
	}, nil
}

// The store belongs to the host: it outlives the process, and a host that does not grant it answers with an error.
func visit(ctx context.Context, call *plugin.Call, _ json.RawMessage) (any, error) {
	var stored struct {
		Value int `json:"value"`
	}
	if err := call.Host(ctx, "kv.get", map[string]string{"key": "visits"}, &stored); err != nil {
		return nil, err
	}
	visits := stored.Value + 1
	if err := call.Host(ctx, "kv.set", map[string]any{"key": "visits", "value": visits}, nil); err != nil {
		return nil, err
	}
	return map[string]int{"visits": visits}, nil
}

func main() {
	plugin.Serve(plugin.Spec{
		Name:    "go-text",
		Version: "1.0.0",
		Actions: map[string]plugin.Action{
			"count": {Description: "Counts the words of a text.", Run: count},
			"visit": {Description: "Counts how often it was called, in the store of the host.", Run: visit},
		},
	})
}
