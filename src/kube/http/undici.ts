// A module of its own, so that the package is read when the first request is made and not before; its
// names do not survive a dynamic import of the package itself once it is bundled.
export { Pool } from 'undici';
