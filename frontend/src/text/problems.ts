type Told = { title: string; advice: string }

const byStatus: Record<number, Told> = {
  0: {
    title: 'The server cannot be reached',
    advice: 'Check your network. What you see may be out of date; we keep trying.',
  },
  401: { title: 'You are signed out', advice: 'Sign in again to go on.' },
  403: { title: 'You may not do this', advice: 'Ask an admin of the project for the right to.' },
  404: { title: 'This is not here', advice: 'It may have been removed, or belongs to another project.' },
  409: { title: 'This is not possible now', advice: 'Somebody may have changed it meanwhile. Look again.' },
  412: {
    title: 'Somebody changed this meanwhile',
    advice: 'The page shows the new version now. Look again and repeat.',
  },
  413: { title: 'This is too large', advice: 'At most 1 MiB can be sent at once.' },
  422: { title: 'Something in it is not right', advice: 'Correct it and send it again.' },
  429: { title: 'Too many requests', advice: 'Wait a moment, then try again.' },
  503: { title: 'This is not available for the moment', advice: 'Try again in a few seconds.' },
}

export const problems = {
  byStatus,
  server: {
    title: 'Something went wrong on our side',
    advice: 'Try again. If it stays, tell your operators the request id.',
  },
  unknown: { title: 'Something went wrong', advice: 'Reload the page and try again.' },
  waitFor: (seconds: number) => `Try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`,
}
