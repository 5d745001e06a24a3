// What a plugin's code answers with, read on the host's side within caps. Apart from the bundler, so that a cell loads
// this and no more.

export { parseActionList } from './action-list.ts'
export { type AnnotationList, type AnnotationNote, completeActions, parseAnnotations } from './annotation-list.ts'
export {
  errorOfFailure,
  errorOfLoad,
  type ExplainMissed,
  type FailureDescription,
  missedError,
  parseDescription,
} from './failure.ts'
export { pluginFileName } from './plugin-file-name.ts'
export { frameOfSource, lineOfSource, makePositions, type Positions } from './positions.ts'
