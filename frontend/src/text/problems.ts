type Told = { title: string; advice: string }

const byStatus: Record<number, Told> = {
  0: {
    title: 'Cannot reach the server',
    advice: 'Check your network. This page may be out of date; we keep trying.',
  },
  401: { title: 'You are signed out', advice: 'Sign in again to continue.' },
  403: { title: 'You do not have permission', advice: 'Ask a project admin for access.' },
  404: { title: 'Not found', advice: 'It may have been removed, or belong to another project.' },
  409: { title: 'This is not possible right now', advice: 'Someone may have changed it. Reload and try again.' },
  412: {
    title: 'Someone else changed this',
    advice: 'The page now shows the latest version. Review it and try again.',
  },
  413: { title: 'Too large', advice: 'You can send up to 1 MiB at a time.' },
  422: { title: 'Some fields are invalid', advice: 'Correct them and try again.' },
  429: { title: 'Too many requests', advice: 'Wait a moment, then try again.' },
  503: { title: 'Temporarily unavailable', advice: 'Try again in a few seconds.' },
}

export const problems = {
  byStatus,
  server: {
    title: 'Something went wrong on our side',
    advice: 'Try again. If the problem persists, give your administrators the request ID.',
  },
  unknown: { title: 'Something went wrong', advice: 'Reload the page and try again.' },
  waitFor: (seconds: number) => `Try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`,
}
