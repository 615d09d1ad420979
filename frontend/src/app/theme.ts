import { createTheme, type MantineColorsTuple } from '@mantine/core'
import { text } from '@/text'

const iris: MantineColorsTuple = [
  '#f1f1fe',
  '#e0e0fb',
  '#c3c3f5',
  '#a5a5f0',
  '#8a8aec',
  '#7474e4',
  '#6363dc',
  '#5353cb',
  '#4646ad',
  '#39398c',
]
const dark: MantineColorsTuple = [
  '#eceef2',
  '#c3c8d2',
  '#9aa2b1',
  '#6d7585',
  '#3d4450',
  '#2b313b',
  '#1a1e25',
  '#15181d',
  '#0e1014',
  '#0a0b0e',
]

export const theme = createTheme({
  primaryColor: 'iris',
  primaryShade: { light: 7, dark: 6 },
  colors: { iris, dark },
  autoContrast: true,
  fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', ui-monospace, SFMono-Regular, Menlo, monospace",
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '1.25rem', lineHeight: '1.4' },
      h2: { fontSize: '1rem', lineHeight: '1.4' },
      h3: { fontSize: '0.875rem', lineHeight: '1.4' },
    },
  },
  defaultRadius: 'md',
  radius: { xs: '3px', sm: '5px', md: '7px', lg: '10px', xl: '16px' },
  cursorType: 'pointer',
  components: {
    Button: { defaultProps: { size: 'sm' } },
    Badge: { defaultProps: { variant: 'light', tt: 'none', fw: 500, radius: 'sm' } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
    TextInput: { defaultProps: { size: 'sm' } },
    PasswordInput: { defaultProps: { size: 'sm' } },
    Select: { defaultProps: { size: 'sm', allowDeselect: false, checkIconPosition: 'right' } },
    MultiSelect: { defaultProps: { size: 'sm' } },
    Textarea: { defaultProps: { size: 'sm', autosize: true, minRows: 3 } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true } },
    Modal: {
      defaultProps: { centered: true, closeButtonProps: { 'aria-label': text.common.close } },
      styles: { title: { fontWeight: 600, fontSize: '1rem' } },
    },
    // A dialog's header is not the page's.
    ModalHeader: { defaultProps: { component: 'div' } },
    Drawer: { styles: { title: { fontWeight: 600, fontSize: '1rem' } } },
    DrawerHeader: { defaultProps: { component: 'div' } },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': text.common.close } } },
    Menu: { defaultProps: { shadow: 'md', withInitialFocusPlaceholder: false } },
    // Within the page's landmarks, where assistive technology looks for it.
    Popover: { defaultProps: { portalProps: { target: '#overlays' } } },
    Paper: { defaultProps: { radius: 'lg' } },
  },
})
