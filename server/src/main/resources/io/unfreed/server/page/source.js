// Where answers come from: the server that served this page, or, in a page that was exported, the page itself.

const TOKEN_KEY = 'unfreed.token';

function tokenOfAddress() {
  const hash = new URLSearchParams(location.hash.slice(1));
  const given = hash.get('token');
  if (given) {
    try { sessionStorage.setItem(TOKEN_KEY, given); } catch (e) { /* it works until the page is loaded again */ }
    hash.delete('token');
    history.replaceState(null, '', location.pathname + (hash.size ? '#' + hash : ''));
    return given;
  }
  try { return sessionStorage.getItem(TOKEN_KEY); } catch (e) { return null; }
}

function served() {
  const token = tokenOfAddress();
  const headers = token ? { Authorization: 'Bearer ' + token } : {};

  async function ask(what, question, signal) {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(question || {})) {
      if (value !== null && value !== undefined && value !== '') query.set(name, value);
    }
    let response;
    try {
      response = await fetch('api/v1/' + what + (query.size ? '?' + query : ''), { headers, signal });
    } catch (e) {
      if (e.name === 'AbortError') throw e;
      throw new Error('the server does not answer: has it ended?');
    }
    if (!response.ok) {
      const problem = await response.json().catch(() => ({}));
      throw new Error(response.status === 401
        ? 'this page needs the token: open the address that the server printed, or this one with #token=TOKEN behind it'
        : problem.detail || response.status + ' ' + response.statusText);
    }
    return response;
  }

  async function lines(what, question, signal) {
    const text = await (await ask(what, question, signal)).text();
    return text.split('\n').filter((line) => line).map((line) => JSON.parse(line));
  }

  const json = async (what, question, signal) => (await ask(what, question, signal)).json();

  return {
    isCase: false,
    sessions: () => lines('sessions'),
    report: (question, signal) => lines('report', question, signal),
    explain: async (question, signal) => (await lines('explain', question, signal))[0],
    diff: async (question, signal) => (await lines('diff', question, signal))[0],
    trace: async (question, signal) => (await lines('trace', question, signal))[0] || null,
    traceTimeline: (question, signal) => json('trace-timeline', question, signal),
    timeline: (question, signal) => json('timeline', question, signal),
    stacks: (question, signal) => json('stacks', question, signal),
    histograms: (question, signal) => json('histograms', question, signal),
    async download(question, name) {
      const blob = await (await ask('export', question)).blob();
      const link = document.createElement('a');
      link.href = URL.createObjectURL(blob);
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    },
    // Server-sent events by fetch, since EventSource cannot send a token. A page that nobody sees leaves its connection to others.
    async follow(changed, isHeard) {
      for (;;) {
        while (document.hidden) await new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }));
        const unseen = new AbortController();
        const leave = () => document.hidden && unseen.abort();
        document.addEventListener('visibilitychange', leave);
        try {
          const reader = (await ask('changes', null, unseen.signal)).body.pipeThrough(new TextDecoderStream()).getReader();
          isHeard(true);
          let text = '';
          for (;;) {
            const { value, done } = await reader.read();
            if (done) break;
            text += value;
            const events = text.split('\n\n');
            text = events.pop();
            if (events.some((event) => event.includes('event: changed'))) changed();
          }
        } catch (e) { /* tried again below */ }
        document.removeEventListener('visibilitychange', leave);
        isHeard(false);
        await new Promise((resolve) => setTimeout(resolve, 3000));
      }
    },
  };
}

function embedded(text) {
  const answers = JSON.parse(text);
  const parsed = (lines) => lines.split('\n').filter((line) => line).map((line) => JSON.parse(line));
  return {
    isCase: true,
    question: answers.question,
    sessions: async () => parsed(answers.sessions),
    report: async () => parsed(answers.report),
    diff: async () => null,
    trace: async () => parsed(answers.trace)[0],
    traceTimeline: async () => answers.traceTimeline,
    timeline: async (question) => answers.timeline[question['group-by'] + (question.top || '')],
    stacks: async () => answers.stacks,
    histograms: async () => answers.histograms,
  };
}

export function openSource() {
  const data = document.getElementById('case');
  return data ? embedded(data.textContent) : served();
}
