/** What one tab of a browser tells the others, which share its cookies: who is signed in now and where, or that nobody is. */
export type Told = { user: string; project: string } | 'signed-out'

/** What a tab does about it: nothing, go on in another session of the same person, ask to sign in, or begin anew. */
export type Answer = 'stay' | 'other-session' | 'sign-in' | Anew

/** As the same person elsewhere, or as somebody else. */
export type Anew = 'other-project' | 'other-person'

/** The answer of a tab that shows what `me` may see; null where nobody is signed in. */
export function answerTo(told: Told, me: { id: string | null; project_id: string | null } | null): Answer {
  if (me === null) return 'stay'
  if (told === 'signed-out') return 'sign-in'
  if (told.user !== me.id) return 'other-person'
  return told.project === me.project_id ? 'other-session' : 'other-project'
}
