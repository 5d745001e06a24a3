// The public face of the protocols, by hand.

export { defaultJsonRpcBounds, type JsonRpcBounds } from './jsonrpc/bounds.ts'
export { anyJson, defineMethod, defineNotice, type RpcMethod, type RpcNotice } from './jsonrpc/method.ts'
export {
  type CancelWords,
  type HeardNotice,
  hear,
  type JsonRpcPeer,
  type JsonRpcPeerOptions,
  type PeerCallOptions,
  type PeerStatistics,
} from './jsonrpc/options.ts'
export { openJsonRpcPeer } from './jsonrpc/peer.ts'
export { type ServedMethod, serve } from './jsonrpc/served-calls.ts'
export { Throttle } from './jsonrpc/throttle.ts'
export type { StreamPair } from './jsonrpc/streams.ts'
export { openMcpClient } from './mcp/client.ts'
export type { McpClient, McpClientOptions, ToolCall } from './mcp/options.ts'
export type { PeerIdentity, ProcessActionCall, ProcessPlugin, ProcessPluginOptions } from './plugin/options.ts'
export { decodeBytes, encodeBytes } from './plugin/byte-strings.ts'
export { openProcessPlugin } from './plugin/process-plugin.ts'
