import { Outlet } from '@tanstack/react-router'
import { text } from '@/text'
import classes from './access.module.css'

/** The frame of the pages that need no sign-in. */
export default function AccessLayout() {
  return (
    <main className={classes.frame}>
      <div className={classes.brand}>
        <img src="/mark.svg" width="28" height="28" alt="" />
        {text.shell.product}
      </div>
      <div className={classes.card}>
        <Outlet />
      </div>
    </main>
  )
}
