import { data, fs, git, log, task } from 'evenkeel';

/** Puts a new version of an image into the repository that the cluster follows. */
task('promote')
  .params({ repo: 'company/shop', version: 'v2' })
  .command(async ({ repo, version }) => {
    const before = data.parseYaml(await git.readFile(repo, 'values.yaml', { branch: 'main' })) as { image: { tag: string } };
    if (before.image.tag === version) return { success: true, message: 'nothing to do' };
    await git.clone(repo, 'work', { branch: 'main' });
    await fs.write('work/values.yaml', data.toYaml({ ...before, image: { ...before.image, tag: version } }));
    const revision = await git.commit(`web ${version}`, { directory: 'work', paths: ['values.yaml'] });
    await git.push({ directory: 'work', branch: `promote-${version}` });
    for (const commit of await git.log({ directory: 'work', limit: 2 })) log.info(`${commit.revision.slice(0, 8)} ${commit.subject}`);
    return { success: true, output: { revision } };
  })
  .build();
