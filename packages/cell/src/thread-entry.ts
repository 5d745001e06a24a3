// Entry of a worker thread: the cell program over the parent port. Nothing else happens here.

import { parentPort } from 'node:worker_threads'
import { makePortChannel } from './channel-thread.ts'
import { makeGarbageCount } from './garbage-node.ts'
import { runProgram } from './program.ts'

if (parentPort !== null) runProgram(makePortChannel(parentPort), makeGarbageCount())
