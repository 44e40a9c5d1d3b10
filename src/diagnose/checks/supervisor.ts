// Does the supervisor answer, is it the right version, and is every job on this machine one of its own?

import { fail, pass, type Finding } from '../check.ts';
import type { DoctorContext, SupervisorAnswer } from '../context.ts';
import type { DoctorCheck } from '../doctor-check.ts';

export const supervisorCheck: DoctorCheck = {
  id: 'supervisor',
  title: 'supervisor',
  group: 'Stack',
  layer: 'job',
  severity: 'error',
  dependsOn: [],
  worksWithoutList: true,
  about: 'The control socket answers, versions match, and no job runs twice or without a supervisor.',
  finds: {
    'supervisor-down': 'nobody listens on the control socket',
    'supervisor-silent': 'it holds its socket but does not answer',
  },
  async run(context, facts) {
    const answer = await facts.supervisor();
    return [judge(context, answer)];
  },
};

function judge(context: DoctorContext, answer: SupervisorAnswer): Finding {
  switch (answer.state) {
    case 'answers':
      return pass(`the supervisor answers (pid ${answer.document.supervisor.pid}, iptv ${answer.document.supervisor.version})`);
    case 'absent':
      return fail({ code: 'supervisor-down', what: 'the supervisor is not running', evidence: [answer.why], next: 'iptv up' });
    case 'silent':
      return fail({
        code: 'supervisor-silent',
        what: 'the supervisor does not answer',
        evidence: [answer.why],
        next: 'iptv logs backend',
        fix: { action: 'start a supervisor in its place; channels play on', apply: () => context.actions.replaceSupervisor() },
      });
    case 'refused':
      return fail({
        code: answer.error.code,
        what: answer.error.message,
        evidence: answer.error.evidence,
        ...(answer.error.next === undefined ? {} : { next: answer.error.next }),
      });
  }
}
