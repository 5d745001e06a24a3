// Members of the `host` object that are no host functions: each language makes them on the guest's side, so no schema
// describes them.

/** One of them, in the languages that have it. */
export interface GuestSide {
  readonly about: string
  readonly javascript?: readonly string[]
  readonly lua?: readonly LuaMember[]
  readonly rune?: readonly RuneMember[]
}

/** A Lua function or value, as an editor's stub declares it. */
export interface LuaMember {
  /** `call(name, input)`; without brackets: a value. */
  readonly call: string
  /** Lines of LuaCATS below the description. */
  readonly annotations: readonly string[]
}

/** A Rune function. */
export interface RuneMember {
  /** `call(name, input)` */
  readonly call: string
  readonly gives: string
  readonly isAsync?: boolean
}

const levels = ['trace', 'debug', 'info', 'warn', 'error']

/** By the name of the member, as far as the languages agree. */
export const guestSide: Readonly<Record<string, GuestSide>> = {
  log: {
    about: 'Writes a line to the log. Needs nothing. What is no text is formatted.',
    javascript: ['host.log.info(...values)', 'console.log(...values)'],
    lua: levels.map((level) => ({ call: `log.${level}(...)`, annotations: ['---@param ... any'] })),
    rune: levels.map((level) => ({ call: `log::${level}(value)`, gives: '()' })),
  },
  'kv.update': {
    about:
      'Changes a value so that no other writer’s change is lost: the function gets the value that is there (or nothing) and gives the next, and is asked again when somebody else wrote in between. When it gives nothing, everything stays as it is. The key keeps its expiry unless `ttlMs` is given. Gives what is there now; fails with `kv-contended` after 1,000 attempts.',
    javascript: ['await host.kv.update(key, (value) => next, options?)'],
    lua: [
      {
        call: 'kv.update(key, change, options)',
        annotations: [
          '---@param key string',
          '---@param change fun(value: any?): any?',
          '---@param options? bulkhead.kv.set.options',
          '---@return any? value',
        ],
      },
    ],
    rune: [
      { call: 'kv::update(key, change)', gives: 'the value that is there now, as an Option' },
      { call: 'kv::update_with(key, change, options)', gives: 'the value that is there now, as an Option' },
    ],
  },
  call: {
    about: 'Calls a host function by its name, one of the embedding program’s as well, with its whole input.',
    javascript: ['await host.call(name, input?)'],
    lua: [
      {
        call: 'call(name, input)',
        annotations: ['---@param name string', '---@param input? any', '---@return any output'],
      },
    ],
    rune: [{ call: 'call(name, input)', gives: 'the whole output' }],
  },
  all: {
    about:
      'Makes several calls together and gives their answers in order. A call is its name and its input: `{ "regex.test", input }` in Lua, the pair `("regex.test", input)` in Rune. When some fail, the first failure is raised after all came.',
    javascript: ['await Promise.all([host.call(…), …])'],
    lua: [
      {
        call: 'all(calls)',
        annotations: ['---@param calls { [1]: string, [2]?: any }[]', '---@return any[] outputs'],
      },
    ],
    rune: [{ call: 'all(calls)', gives: 'the outputs, for a list of (name, input)' }],
  },
  start: {
    about: 'Begins a call and goes on; its answer is waited for later.',
    javascript: ['const answer = host.call(name, input)'],
    lua: [
      {
        call: 'start(name, input)',
        annotations: ['---@param name string', '---@param input? any', '---@return bulkhead.ticket ticket'],
      },
    ],
    rune: [{ call: 'start(name, input)', gives: 'a future of the whole output', isAsync: true }],
  },
  spawn: {
    about: 'Begins a task of one’s own: it runs while others wait. Its host calls stop only itself.',
    javascript: ['const task = run()'],
    lua: [
      {
        call: 'spawn(run, ...)',
        annotations: [
          '---@param run fun(...: any): any',
          '---@param ... any Its arguments.',
          '---@return bulkhead.ticket ticket',
        ],
      },
    ],
  },
  wait: {
    about:
      'Waits for the first that is done of several. In Lua it gives three values: the ticket that is done, whether it went well, and the value or the error; in Rune the pair of its index and its value.',
    javascript: ['await Promise.race([…])'],
    lua: [
      {
        call: 'wait(...)',
        annotations: [
          '---@param ... bulkhead.ticket',
          '---@return bulkhead.ticket ticket The one that is done.',
          '---@return boolean ok Whether it went well.',
          '---@return any value Its value, or its error.',
        ],
      },
    ],
    rune: [
      {
        call: 'first(futures)',
        gives: '(index, value) of the first that is done, which is taken out of the list',
        isAsync: true,
      },
    ],
  },
  drop: {
    about: 'Gives up what was begun: its answer is not waited for any more.',
    lua: [{ call: 'drop(ticket)', annotations: ['---@param ticket bulkhead.ticket'] }],
  },
  sleep: {
    about: 'Waits. The time counts against the limits of the call.',
    javascript: ['await new Promise((done) => setTimeout(done, ms))'],
    lua: [
      { call: 'sleep(ms)', annotations: ['---@param ms number'] },
      { call: 'timer(ms)', annotations: ['---@param ms number', '---@return bulkhead.ticket ticket'] },
    ],
    rune: [
      { call: 'sleep(ms)', gives: '()' },
      { call: 'pause(ms)', gives: '()', isAsync: true },
    ],
  },
  config: {
    about:
      'The plugin’s configuration, as the operator set it. In Lua it can be read and gone over with `pairs`, and is not sent as a whole.',
    javascript: ['host.config'],
    lua: [{ call: 'config', annotations: ['---@type table<string, string>'] }],
    rune: [{ call: 'config()', gives: 'an object of texts' }],
  },
  null: {
    about: 'What stands for null inside of tables; at the top, and as an argument, nil does.',
    lua: [{ call: 'null', annotations: ['---@type lightuserdata'] }],
  },
  array: {
    about: 'Marks a table as a list, so that an empty one crosses as `[]` and not as `{}`.',
    lua: [{ call: 'array(list)', annotations: ['---@generic T', '---@param list T[]', '---@return T[]'] }],
  },
  random: {
    about: 'Random numbers, another row of them in each call.',
    javascript: ['Math.random()', 'crypto.getRandomValues(bytes)'],
    rune: [
      { call: 'random::float()', gives: 'a float from 0 up to, and not with, 1' },
      { call: 'random::int(from, to)', gives: 'a whole number, both ends included' },
      { call: 'random::bytes(count)', gives: 'bytes' },
    ],
  },
}
