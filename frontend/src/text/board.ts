export const board = {
  heading: 'Incidents',
  empty: {
    title: 'No incidents',
    advice: 'Connect AlertManager, Grafana or Prometheus, and the first alert opens one here.',
  },
  connect: 'Connect a source',
}
