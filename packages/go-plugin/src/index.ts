// The public face of the go-plugin host, by hand.

export { type AddressRules, type PluginAddress, type SocketFolder } from './address.ts'
export { type Broker } from './broker.ts'
export { type CallNotice, type CallOptions } from './call.ts'
export { type InboundMessage, type OutboundMessage, receiveMessages, sendMessage } from './channel.ts'
export { type Connection } from './connection.ts'
export { type Method, methodOf } from './definitions.ts'
export { bulkheadCookie, type Handshake, type HandshakeOptions, makeHandshake } from './handshake.ts'
export { drainPlugin, type InitializeRequest, initializePlugin, type PluginGreeting } from './lifecycle.ts'
export { type LogSink } from './log-intake.ts'
export { type LogLevel, type LogRecord, type LogSource } from './log-record.ts'
export {
  type AttachOptions,
  attachGoPlugin,
  type GoPlugin,
  type GoPluginOptions,
  openGoPlugin,
  type PluginProcess,
} from './plugin.ts'
export { type ChatAnswer, type ChatRequest, chat, chatStream, listModels } from './provider.ts'
export { parseReattach, type Reattach } from './reattach.ts'
export { type ServedMethods } from './served-service.ts'
export { executeTool, listTools, type ToolCall, type ToolDescription } from './tool.ts'
