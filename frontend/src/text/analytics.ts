export const analytics = {
  heading: 'Analytics',
  about: 'How fast, how noisy, how right, and what it costs.',
  tabs: { incidents: 'Incidents', ai: 'AI', accuracy: 'Accuracy' },
  empty: { title: 'Nothing to count yet', advice: 'Figures appear with the first incidents.' },
}
