// What a plugin's source says of its actions, read without running it. Apart from the bundler, so that a cell loads this and no
// more.

export type {
  ActionAnnotation,
  AnnotatedLanguage,
  Annotations,
  AnnotationWarning,
  ParameterAnnotation,
} from './annotation.ts'
export { readAnnotations } from './read-annotations.ts'
