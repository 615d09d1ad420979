export const services = {
  heading: 'Services',
  about: 'What your alerts speak of, and what depends on what.',
  empty: {
    title: 'No services yet',
    advice: 'They appear by themselves with the first alerts, or import your topology.',
  },
  map: {
    heading: 'Service map',
    about: 'Which service calls which, with what is failing now.',
    empty: { title: 'Nothing to draw yet', advice: 'Services and their dependencies appear here once there are some.' },
  },
}
