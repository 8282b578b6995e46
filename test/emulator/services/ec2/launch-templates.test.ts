import { Random } from '../../../../lib/emulator/clock';
import { Ec2 } from '../../../../lib/emulator/services/ec2';

describe('launch templates', () => {
  let templates: Ec2;
  beforeEach(() => (templates = new Ec2({ random: new Random(1) })));

  test('a version is found by id and by name, by number, $Latest and $Default', () => {
    const created = templates.create('workers', { instanceType: 't4g.small' });
    expect(created.launchTemplateId).toMatch(/^lt-0[0-9a-f]{16}$/);
    expect(created.version).toBe(1);
    expect(templates.createVersion('workers', { instanceType: 't4g.large' }).version).toBe(2);

    for (const key of [created.launchTemplateId, 'workers']) {
      expect(templates.resolve(key, '1').instanceType).toBe('t4g.small');
      expect(templates.resolve(key, '$Default').instanceType).toBe('t4g.small');
      expect(templates.resolve(key, '$Latest').instanceType).toBe('t4g.large');
    }
    templates.setDefaultVersion('workers', 2);
    expect(templates.resolve('workers', '$Default').instanceType).toBe('t4g.large');
    expect(templates.versions('workers')).toEqual({ defaultVersion: 2, latestVersion: 2 });
  });

  test('a template without a name is named after its id', () => {
    const { launchTemplateId, launchTemplateName } = templates.create(undefined, {});
    expect(launchTemplateName).toBe(launchTemplateId);
  });

  test('user data may have 16 KB, counted before base64', () => {
    const userData = (bytes: number) => ({ userData: Buffer.alloc(bytes, '#').toString('base64') });
    const refused = expect.objectContaining({
      shape: 'InvalidUserData.Malformed',
      message: 'User data is limited to 16384 bytes.',
    }) as Error;
    templates.create('workers', userData(16_384));
    expect(() => templates.create('others', userData(16_385))).toThrow(refused);
    expect(() => templates.createVersion('workers', userData(16_385))).toThrow(refused);
    expect(templates.versions('workers').latestVersion).toBe(1);
    expect(() => templates.resolve('others', '1')).toThrow('does not exist');
  });

  test.each<[string, (templates: Ec2) => unknown, string]>([
    ['a name twice', (t) => t.create('taken', {}), 'InvalidLaunchTemplateName.AlreadyExistsException'],
    ['a malformed name', (t) => t.create('a b', {}), 'InvalidLaunchTemplateName.MalformedException'],
    ['an unknown id', (t) => t.resolve('lt-1', '1'), 'InvalidLaunchTemplateId.NotFound'],
    ['an unknown name', (t) => t.resolve('nobody', '1'), 'InvalidLaunchTemplateName.NotFoundException'],
    ['a version that is not there', (t) => t.resolve('taken', '2'), 'InvalidLaunchTemplateId.VersionNotFound'],
    ['a version that is no number', (t) => t.resolve('taken', 'newest'), 'InvalidLaunchTemplateId.VersionNotFound'],
    ['a default that is not there', (t) => t.setDefaultVersion('taken', 0), 'InvalidLaunchTemplateId.VersionNotFound'],
    [
      'a deleted template',
      (t) => (t.delete('taken'), t.resolve('taken', '1')),
      'InvalidLaunchTemplateName.NotFoundException',
    ],
  ])('%s is refused', (_, act, shape) => {
    templates.create('taken', {});
    expect(() => act(templates)).toThrow(expect.objectContaining({ shape }) as Error);
  });
});
