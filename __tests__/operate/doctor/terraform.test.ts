import { BOOTSTRAP_STEPS } from '../../../domain/foundation/bootstrap';
import { verificationFailure } from '../../../domain/service/verification';
import { runStep } from '../../../operate/bootstrap';
import { doctor } from '../../../operate/doctor';
import { verify } from '../../../operate/verify';
import { describeWithTerraform } from '../../fixtures/realTerraform';
import { openProject, type Project } from '../project';

describeWithTerraform('doctor, on a project that the real Terraform bootstrapped', () => {
  let project: Project;
  beforeAll(async () => void (project = await openProject()));
  afterAll(() => project.stop());

  it('finds nothing to mend, and verify nothing that differs', async () => {
    const sha = await project.stage.repository.merge('first', { image: 'LABEL image=first' });
    for (const step of BOOTSTRAP_STEPS) await runStep(project.person(), step, { sha });
    const findings = await doctor(project.person(), { sha });
    expect(findings.filter(({ state }) => state !== 'ok')).toEqual([]);
    expect(findings.length).toBeGreaterThan(30);
    expect(verificationFailure(project.deployment, await verify(project.person()))).toBeUndefined();
  });
});
