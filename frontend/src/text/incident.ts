export const incident = {
  heading: 'Incident',
  empty: { title: 'Nothing to show yet', advice: 'This page fills as soon as the incident has something to tell.' },
}
