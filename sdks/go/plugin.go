// Package plugin serves actions to a Bulkhead host over HashiCorp's go-plugin. A program is a table of actions and one line:
//
//	plugin.Serve(plugin.Spec{Name: "text", Version: "1.0.0", Actions: actions})
//
// A program that serves other hosts by go-plugin as well adds Set to its own plugins; docs/how-to/go-plugin.md shows how.
package plugin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
	"sync"

	pluginv1 "bulkhead.dev/plugin/v1"
	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
)

// Handshake is what a Bulkhead host and its plugins agree upon. The cookie is no secret.
var Handshake = goplugin.HandshakeConfig{
	ProtocolVersion:  1,
	MagicCookieKey:   "BULKHEAD_PLUGIN",
	MagicCookieValue: "3f1e1d6be38f4f7f8c0b56f0e26b7f2ad1c3a1d08a1a4f2e9f0f5f1b6f7c4e55",
}

// Action is one thing that a plugin can be asked for.
type Action struct {
	Description string
	// JSON Schemas; empty when the action takes (yields) anything.
	Input, Output string
	// Run answers with what becomes JSON. Its context ends with the call. It may run beside others.
	Run func(ctx context.Context, call *Call, input json.RawMessage) (any, error)
}

// Spec is a whole plugin.
type Spec struct {
	// As in the manifest.
	Name, Version string
	Actions       map[string]Action
	// Start is told the plugin's configuration, one JSON document, before anything is called; may be nil.
	Start func(config json.RawMessage) error
	// Drain returns when nothing is left to be done; may be nil.
	Drain func(ctx context.Context) error
	// Register adds further services to the server, those of a provider or a channel for example; may be nil.
	Register func(server *grpc.Server)
	// Services names those of them that the host shall use: "provider", "channel".
	Services []string
	// Logger writes to standard error as JSON; made when nil.
	Logger hclog.Logger
}

// Failure is an error with a code of the plugin's own. Other errors have the code "error".
type Failure struct{ Code, Message string }

func (f *Failure) Error() string { return f.Message }

// HostError is what the host answered in place of an output. An action that returns it (wrapped or not) tells the host
// that its own error ended it.
type HostError struct{ Code, Message, Hint, id string }

func (e *HostError) Error() string { return e.Code + ": " + e.Message }

// Call is one call under way.
type Call struct {
	// DeadlineMs is the time that was left when the call began, in milliseconds; 0 when there is no end.
	DeadlineMs uint32
	handle     string
	plugin     *service
}

// Host calls a host function on behalf of this call. Output may be nil, or a pointer as for json.Unmarshal.
func (c *Call) Host(ctx context.Context, function string, input, output any) error {
	host := c.plugin.hostClient()
	if host == nil {
		return errors.New("the host offers no functions")
	}
	given, err := json.Marshal(input)
	if err != nil {
		return err
	}
	answer, err := host.Call(ctx, &pluginv1.HostCallRequest{Call: c.handle, Function: function, InputJson: given})
	if err != nil {
		return fmt.Errorf("%s: %w", function, err)
	}
	if refused := answer.GetError(); refused != nil {
		return &HostError{refused.Code, refused.Message, refused.Hint, refused.Id}
	}
	if output == nil {
		return nil
	}
	return json.Unmarshal(answer.GetOutputJson(), output)
}

// Log writes a line to the log of this call, and waits until it is there.
func (c *Call) Log(ctx context.Context, level hclog.Level, message string) error {
	host := c.plugin.hostClient()
	if host == nil {
		return errors.New("the host offers no log")
	}
	_, err := host.Log(ctx, &pluginv1.LogRequest{Call: c.handle, Level: level.String(), Message: message})
	return err
}

// Set is the plugins of the spec for a ServeConfig of one's own, under Handshake.ProtocolVersion.
func Set(spec Spec) goplugin.PluginSet {
	return goplugin.PluginSet{"bulkhead": &service{spec: spec}}
}

// Serve serves until the host is done. It does not return before.
func Serve(spec Spec) {
	goplugin.Serve(config(spec))
}

// Debug serves a program that was started by hand, in a debugger for example, until the context ends. It writes where it
// listens, one line of JSON, which attachGoPlugin of @bulkhead/go-plugin takes. Nothing is encrypted, and nobody is known.
func Debug(ctx context.Context, spec Spec, where io.Writer) error {
	served := config(spec)
	attach := make(chan *goplugin.ReattachConfig, 1)
	ended := make(chan struct{})
	served.Test = &goplugin.ServeTestConfig{Context: ctx, ReattachConfigCh: attach, CloseCh: ended}
	go goplugin.Serve(served)
	at := <-attach
	err := json.NewEncoder(where).Encode(map[string]any{
		"Protocol":        at.Protocol,
		"ProtocolVersion": at.ProtocolVersion,
		"Pid":             at.Pid,
		"Test":            at.Test,
		"Addr":            map[string]string{"Network": at.Addr.Network(), "String": at.Addr.String()},
	})
	<-ended
	return err
}

func config(spec Spec) *goplugin.ServeConfig {
	if spec.Logger == nil {
		spec.Logger = hclog.New(&hclog.LoggerOptions{Level: hclog.Trace, Output: os.Stderr, JSONFormat: true})
	}
	return &goplugin.ServeConfig{
		HandshakeConfig:  Handshake,
		VersionedPlugins: map[int]goplugin.PluginSet{int(Handshake.ProtocolVersion): Set(spec)},
		GRPCServer: func(options []grpc.ServerOption) *grpc.Server {
			return grpc.NewServer(append(options, grpc.MaxRecvMsgSize(maxMessageBytes), grpc.MaxSendMsgSize(maxMessageBytes))...)
		},
		Logger: spec.Logger,
	}
}

// What a host takes and sends at most.
const maxMessageBytes = 16 << 20

type service struct {
	goplugin.NetRPCUnsupportedPlugin
	pluginv1.UnimplementedPluginLifecycleServer
	pluginv1.UnimplementedToolServer

	spec   Spec
	broker *goplugin.GRPCBroker
	lock   sync.Mutex
	host   pluginv1.HostClient
}

func (s *service) GRPCServer(broker *goplugin.GRPCBroker, server *grpc.Server) error {
	s.broker = broker
	pluginv1.RegisterPluginLifecycleServer(server, s)
	pluginv1.RegisterToolServer(server, s)
	if s.spec.Register != nil {
		s.spec.Register(server)
	}
	return nil
}

func (s *service) GRPCClient(context.Context, *goplugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	return nil, errors.New("this side only serves")
}

func (s *service) hostClient() pluginv1.HostClient {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.host
}

func (s *service) Initialize(_ context.Context, request *pluginv1.InitializeRequest) (*pluginv1.InitializeResponse, error) {
	if request.HostService != 0 {
		connection, err := s.broker.DialWithOptions(request.HostService, grpc.WithDefaultCallOptions(
			grpc.MaxCallRecvMsgSize(maxMessageBytes), grpc.MaxCallSendMsgSize(maxMessageBytes)))
		if err != nil {
			return nil, err
		}
		s.lock.Lock()
		s.host = pluginv1.NewHostClient(connection)
		s.lock.Unlock()
	}
	if s.spec.Start != nil {
		if err := s.spec.Start(request.ConfigJson); err != nil {
			return nil, err
		}
	}
	services := append([]string{"tool"}, s.spec.Services...)
	return &pluginv1.InitializeResponse{Name: s.spec.Name, Version: s.spec.Version, Services: services}, nil
}

func (s *service) Drain(ctx context.Context, _ *pluginv1.DrainRequest) (*pluginv1.DrainResponse, error) {
	if s.spec.Drain != nil {
		if err := s.spec.Drain(ctx); err != nil {
			return nil, err
		}
	}
	return &pluginv1.DrainResponse{}, nil
}

func (s *service) ListTools(context.Context, *pluginv1.ListToolsRequest) (*pluginv1.ListToolsResponse, error) {
	tools := []*pluginv1.ToolDescription{}
	for name, action := range s.spec.Actions {
		tools = append(tools, &pluginv1.ToolDescription{
			Name:             name,
			Description:      action.Description,
			InputSchemaJson:  []byte(action.Input),
			OutputSchemaJson: []byte(action.Output),
		})
	}
	sort.Slice(tools, func(a, b int) bool { return tools[a].Name < tools[b].Name })
	return &pluginv1.ListToolsResponse{Tools: tools}, nil
}

func (s *service) Execute(ctx context.Context, request *pluginv1.ExecuteRequest) (*pluginv1.ExecuteResponse, error) {
	action, found := s.spec.Actions[request.Tool]
	if !found {
		return failed(&Failure{"unknown-action", "there is no action " + request.Tool}), nil
	}
	call := &Call{DeadlineMs: request.DeadlineMs, handle: request.Call, plugin: s}
	value, err := action.Run(ctx, call, request.InputJson)
	if err != nil {
		return failed(err), nil
	}
	output, err := json.Marshal(value)
	if err != nil {
		return failed(err), nil
	}
	return &pluginv1.ExecuteResponse{Result: &pluginv1.ExecuteResponse_OutputJson{OutputJson: output}}, nil
}

func failed(err error) *pluginv1.ExecuteResponse {
	failure := &pluginv1.Failure{Code: "error", Message: err.Error()}
	var own *Failure
	var host *HostError
	if errors.As(err, &own) {
		failure.Code = own.Code
	}
	if errors.As(err, &host) {
		failure.Code, failure.HostErrorId = host.Code, host.id
	}
	return &pluginv1.ExecuteResponse{Result: &pluginv1.ExecuteResponse_Failure{Failure: failure}}
}
