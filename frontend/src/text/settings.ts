export const settings = {
  heading: 'Settings',
  about: 'What this project does by itself, who works in it, and whom it tells.',
  tabs: { project: 'Project', people: 'People', keys: 'API keys', channels: 'Notifications' },
  empty: { title: 'Nothing to set yet', advice: 'This part of the settings is empty.' },
}
