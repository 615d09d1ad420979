export const integrations = {
  heading: 'Integrations',
  about: 'Where alerts come from.',
  empty: {
    title: 'Nothing sends alerts yet',
    advice: 'Make an integration and paste its snippet into AlertManager, Grafana or Prometheus.',
  },
}
