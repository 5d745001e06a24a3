// The behaviours of the conformance suite in Go, over go-plugin; and what only a plugin of this protocol can do: print, log
// in hclog's way, offer models and messages.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	plugin "bulkhead.dev/plugin"
	pluginv1 "bulkhead.dev/plugin/v1"
	"github.com/hashicorp/go-hclog"
	"google.golang.org/grpc"
)

var kept int

var log = hclog.New(&hclog.LoggerOptions{Level: hclog.Trace, Output: os.Stderr, JSONFormat: true})

func simple(run func(input json.RawMessage) (any, error)) plugin.Action {
	return plugin.Action{Run: func(_ context.Context, _ *plugin.Call, input json.RawMessage) (any, error) { return run(input) }}
}

func ask(ctx context.Context, call *plugin.Call, input json.RawMessage) (any, error) {
	var answer json.RawMessage
	err := call.Host(ctx, "test.ask", input, &answer)
	return answer, err
}

func pester(ctx context.Context, call *plugin.Call, input json.RawMessage) (any, error) {
	for {
		if _, err := ask(ctx, call, input); err != nil {
			return nil, fmt.Errorf("no more: %w", err)
		}
	}
}

func chat(ctx context.Context, call *plugin.Call, input json.RawMessage) (any, error) {
	var text string
	if err := json.Unmarshal(input, &text); err != nil {
		return nil, err
	}
	return nil, call.Log(ctx, hclog.Info, text)
}

var sink [][]byte

func hoard(json.RawMessage) (any, error) {
	for {
		block := make([]byte, 1<<20)
		for at := range block {
			block[at] = 1
		}
		sink = append(sink, block)
	}
}

func recurse(depth int) int {
	return recurse(depth+1) + 1
}

// The proxy of the environment, for this host's own addresses as well: Go's usual transport asks no proxy for those.
func byProxy(*http.Request) (*url.URL, error) { return url.Parse(os.Getenv("HTTP_PROXY")) }

func fetch(client *http.Client) func(json.RawMessage) (any, error) {
	return func(input json.RawMessage) (any, error) {
		var address string
		if err := json.Unmarshal(input, &address); err != nil {
			return nil, err
		}
		response, err := client.Get(address)
		if err != nil {
			return map[string]any{"status": 0, "body": err.Error()}, nil
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		return map[string]any{"status": response.StatusCode, "body": string(body)}, err
	}
}

type model struct {
	pluginv1.UnimplementedProviderServer
}

func (model) ListModels(context.Context, *pluginv1.ListModelsRequest) (*pluginv1.ListModelsResponse, error) {
	return &pluginv1.ListModelsResponse{Models: []string{"echo", "shout"}}, nil
}

func said(request *pluginv1.ChatRequest) string {
	last := request.Messages[len(request.Messages)-1].Content
	if request.Model == "shout" {
		return strings.ToUpper(last)
	}
	return last
}

func (model) Chat(_ context.Context, request *pluginv1.ChatRequest) (*pluginv1.ChatResponse, error) {
	text := said(request)
	return &pluginv1.ChatResponse{Text: text, Usage: &pluginv1.Usage{InputTokens: 1, OutputTokens: uint32(len(text))}}, nil
}

func (model) ChatStream(request *pluginv1.ChatRequest, stream grpc.ServerStreamingServer[pluginv1.ChatPiece]) error {
	for _, word := range strings.Fields(said(request)) {
		if word == "endless" {
			for stream.Send(&pluginv1.ChatPiece{Text: word}) == nil {
			}
		}
		if err := stream.Send(&pluginv1.ChatPiece{Text: word}); err != nil {
			return err
		}
	}
	return nil
}

type channel struct {
	pluginv1.UnimplementedChannelServer
	sent chan string
}

func (c channel) Send(_ context.Context, request *pluginv1.SendRequest) (*pluginv1.SendResponse, error) {
	c.sent <- request.Text
	return &pluginv1.SendResponse{Id: "sent-" + request.Conversation}, nil
}

func (c channel) Receive(_ *pluginv1.ReceiveRequest, stream grpc.ServerStreamingServer[pluginv1.InboundMessage]) error {
	for count := 1; ; count++ {
		select {
		case text := <-c.sent:
			id := fmt.Sprintf("m%d", count)
			if err := stream.Send(&pluginv1.InboundMessage{Conversation: "c", Sender: "echo", Text: text, Id: id}); err != nil {
				return err
			}
		case <-stream.Context().Done():
			return nil
		}
	}
}

func main() {
	spec := plugin.Spec{
		Name:     "conformance",
		Version:  "1.0.0",
		Services: []string{"provider", "channel"},
		Register: func(server *grpc.Server) {
			pluginv1.RegisterProviderServer(server, model{})
			pluginv1.RegisterChannelServer(server, channel{sent: make(chan string, 1000)})
		},
		Drain:  func(context.Context) error { fmt.Println("drained"); return nil },
		Logger: log,
		Actions: map[string]plugin.Action{
			"echo":   simple(func(input json.RawMessage) (any, error) { return input, nil }),
			"count":  simple(func(json.RawMessage) (any, error) { kept++; return kept, nil }),
			"ask":    {Run: ask},
			"pester": {Run: pester},
			"chat":   {Run: chat},
			"fail":   simple(func(json.RawMessage) (any, error) { return nil, &plugin.Failure{Code: "mood", Message: "not today"} }),
			"spin": simple(func(json.RawMessage) (any, error) {
				for {
				}
			}),
			"hoard":   simple(hoard),
			"recurse": simple(func(json.RawMessage) (any, error) { return recurse(0), nil }),
			"flood":   simple(func(json.RawMessage) (any, error) { return strings.Repeat("x", 2<<20), nil }),
			"print": simple(func(json.RawMessage) (any, error) {
				fmt.Println("printed")
				log.Warn("hclogged", "key", "a value")
				return nil, nil
			}),
			"pid":    simple(func(json.RawMessage) (any, error) { return os.Getpid(), nil }),
			"die":    simple(func(json.RawMessage) (any, error) { os.Exit(7); return nil, nil }),
			"linger": simple(func(json.RawMessage) (any, error) { time.Sleep(time.Minute); return nil, nil }),
			"look": simple(func(input json.RawMessage) (any, error) {
				var path string
				if err := json.Unmarshal(input, &path); err != nil {
					return nil, err
				}
				bytes, err := os.ReadFile(path)
				return string(bytes), err
			}),
			"fetch":  simple(fetch(&http.Client{Transport: &http.Transport{Proxy: byProxy}})),
			"around": simple(fetch(&http.Client{Transport: &http.Transport{}, Timeout: 2 * time.Second})),
			"environment": simple(func(json.RawMessage) (any, error) {
				names := []string{}
				for _, entry := range os.Environ() {
					names = append(names, strings.SplitN(entry, "=", 2)[0])
				}
				return names, nil
			}),
			"deadline": {Run: func(_ context.Context, call *plugin.Call, _ json.RawMessage) (any, error) {
				return call.DeadlineMs, nil
			}},
		},
	}
	if len(os.Args) > 1 && os.Args[1] == "debug" {
		// Until its standard input ends.
		ctx, end := context.WithCancel(context.Background())
		go func() { _, _ = io.Copy(io.Discard, os.Stdin); end() }()
		_ = plugin.Debug(ctx, spec, os.Stdout)
		return
	}
	plugin.Serve(spec)
}
