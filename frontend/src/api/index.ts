export { api, client, type Model, onSessionEnd, session } from './client'
export { ifMatch } from './ifMatch'
export { ApiError, fieldErrors, type Problem, type Words, wordsOf } from './problem'
export { queryClient } from './queryClient'
