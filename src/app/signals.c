/* SPDX-License-Identifier: MIT */
/* What signals do to a run, and how a process ends by one. The loop takes them, so they are blocked from the run's
 * beginning on. */
#include "app/signals.h"

#include <signal.h>
#include <unistd.h>

#include "app/app.h"
#include "app/interim.h"

bool signals_are(int signal, void (*wanted)(int))
{
	struct sigaction now;

	return sigaction(signal, NULL, &now) == 0 && now.sa_handler == wanted;
}

static void take(void *user, int signal)
{
	struct app *app = user;

	switch (signal) {
	case SIGQUIT:
	case SIGUSR1:
		if (app->session != NULL)
			interim_report(app);
		else
			interim_report_none(signal);
		return;
	case SIGPIPE: /* One closed pipe must not cut the other outputs short, ... */
	case SIGXFSZ: /* ... and a limit of file sizes is like a full disk: write() has reported both. */
		return;
	case SIGHUP:
		if (signals_are(SIGHUP, SIG_IGN)) /* by nohup */
			return;
		app->ended_by = signal;
		break;
	case SIGTERM:
		app->ended_by = signal;
		break;
	default:
		break;
	}
	app->interrupted = true;
	if (app->session != NULL)
		rp_session_stop(app->session);
}

/* All in one call, which blocks them for the loop. The alarm clock of whoever started the program stops a run, too. */
int signals_catch(struct app *app)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGALRM, SIGHUP, SIGQUIT, SIGUSR1, SIGPIPE, SIGXFSZ};

	if (app->signals_caught)
		return 0;
	app->signals_caught = true;
	return rp_loop_signals(app->loop, signals, sizeof signals / sizeof *signals, take, app);
}

_Noreturn void signals_end_by(int number)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, number);
	signal(number, SIG_DFL);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(number);
	_exit(128 + number);
}
