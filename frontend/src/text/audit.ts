export const audit = {
  heading: 'Audit',
  about: 'Who did what, when and from where.',
  empty: { title: 'Nothing recorded yet', advice: 'Every call and every change will be listed here.' },
}
