/** Bottleneck without its clustering by Redis, in one file and with native promises: the same interface. */
declare module 'bottleneck/light.js' {
  export { default } from 'bottleneck';
}
