export const maintenance = {
  heading: 'Maintenance',
  about: 'Times in which matching alerts are kept quiet.',
  empty: { title: 'No maintenance is planned', advice: 'Plan a window before work that will set alerts off.' },
}
