// Names of the peers as the table has them. A target names its peer by one of these.

/** See the file's head. */
export const peerNames = {
  postMessage: 'bare postMessage',
  extismThread: 'Extism, worker',
  extismInline: 'Extism, same thread',
  extismCompiled: 'Extism, worker, module compiled before',
  quickJsModule: 'quickjs-emscripten, new module',
  quickJsCompiled: 'quickjs-emscripten, new module, compiled before',
  quickJsContext: 'quickjs-emscripten, new context',
  wasmoon: 'wasmoon (Lua), new engine',
  plain: 'plain V8',
  unmetered: 'unmetered interpreter',
  interpreter: 'the interpreter of the script tier',
  timers: 'bare timers',
  ungated: 'without gate and audit',
  unconfined: 'the same program without a sandbox',
  thread: 'the same on a thread',
  withoutSpare: 'the same without a spare',
  fullText: 'full text alone',
  meaning: 'meaning alone',
} as const
