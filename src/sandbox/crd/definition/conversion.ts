import { type FieldErrors, forbiddenField, goStrings, invalid, notSupported, required } from '../../strategy/field.js';
import { nameProblems } from '../../strategy/names.js';
import type { Loose } from '../../strategy/types.js';

const known = ['v1', 'v1beta1'];

/** What is wrong with how a definition converts between its versions. */
export function conversionProblems(spec: Loose, old: Loose | undefined): FieldErrors {
  const { conversion } = spec;
  if (!conversion) return [];
  const at = 'spec.conversion';
  const out: FieldErrors = [];
  const { strategy, webhook } = conversion;
  if (strategy !== 'None' && spec.preserveUnknownFields === true)
    out.push(invalid(`${at}.strategy`, strategy ?? '', 'must be None if spec.preserveUnknownFields is true'));
  if (!strategy) out.push(required(`${at}.strategy`));
  else if (strategy !== 'None' && strategy !== 'Webhook') out.push(notSupported(`${at}.strategy`, strategy, ['None', 'Webhook']));
  const config = webhook?.clientConfig;
  const reviewVersions: string[] = webhook?.conversionReviewVersions ?? [];
  if (strategy === 'Webhook') {
    out.push(...clientProblems(config, `${at}.webhookClientConfig`));
    const before: string[] = old?.conversion?.webhook?.conversionReviewVersions ?? [];
    const recognized = before.length === 0 || before.some((v) => known.includes(v));
    out.push(...reviewProblems(reviewVersions, recognized, `${at}.conversionReviewVersions`));
  } else {
    const detail = 'should not be set when strategy is not set to Webhook';
    if (config) out.push(forbiddenField(`${at}.webhookClientConfig`, detail));
    if (reviewVersions.length > 0) out.push(forbiddenField(`${at}.conversionReviewVersions`, detail));
  }
  return out;
}

function clientProblems(config: Loose, at: string): FieldErrors {
  if (!config) return [required(at, 'required when strategy is set to Webhook')];
  const { url, service } = config;
  if ((url === undefined) === (service === undefined)) return [required(at, 'exactly one of url or service is required')];
  return service ? serviceProblems(service, `${at}.service`) : urlProblems(url, `${at}.url`);
}

const urlForm = 'desired format: https://host[/path]';

function urlProblems(text: string, at: string): FieldErrors {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return [required(at, `url must be a valid URL: parse ${JSON.stringify(text)}: invalid URI; ${urlForm}`)];
  }
  const out: FieldErrors = [];
  if (url.protocol !== 'https:') out.push(invalid(at, url.protocol.slice(0, -1), `'https' is the only allowed URL scheme; ${urlForm}`));
  if (url.host === '') out.push(invalid(at, url.host, `host must be specified; ${urlForm}`));
  if (url.username !== '' || url.password !== '') out.push(invalid(at, url.username, 'user information is not permitted in the URL'));
  if (url.hash !== '') out.push(invalid(at, url.hash.slice(1), 'fragments are not permitted in the URL'));
  if (url.search !== '') out.push(invalid(at, url.search.slice(1), 'query parameters are not permitted in the URL'));
  return out;
}

function serviceProblems({ name, namespace, path, port }: Loose, at: string): FieldErrors {
  const out: FieldErrors = [];
  if (!name) out.push(required(`${at}.name`, 'service name is required'));
  if (!namespace) out.push(required(`${at}.namespace`, 'service namespace is required'));
  if (port !== undefined && (port < 1 || port > 65535))
    out.push(invalid(`${at}.port`, port, `port is not valid: must be between 1 and 65535, inclusive`));
  if (path === undefined || path === '/') return out;
  if (!path.startsWith('/')) return [...out, invalid(`${at}.path`, path, "must start with a '/'")];
  const steps: string[] = path.slice(1).replace(/\/$/, '').split('/');
  steps.forEach((step, i) => {
    if (step === '') out.push(invalid(`${at}.path`, path, `segment[${i}] may not be empty`));
    else for (const problem of nameProblems('subdomain', step)) out.push(invalid(`${at}.path`, path, `segment[${i}]: ${problem}`));
  });
  return out;
}

function reviewProblems(versions: string[], recognized: boolean, at: string): FieldErrors {
  if (versions.length === 0) return [required(at)];
  const out: FieldErrors = [];
  versions.forEach((version, i) => {
    if (versions.indexOf(version) < i) out.push(invalid(`${at}[${i}]`, version, 'duplicate version'));
    else for (const problem of nameProblems('label1035', version)) out.push(invalid(`${at}[${i}]`, version, problem));
  });
  if (recognized && !versions.some((v) => known.includes(v)))
    out.push(invalid(at, goStrings(versions), `must include at least one of ${known.join(', ')}`));
  return out;
}
