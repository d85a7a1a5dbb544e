package telegram

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/go-telegram/bot/models"
	"github.com/redis/go-redis/v9"

	"vetalyze/internal/trail"
)

// An IntakeConfig says who handles updates, and how patiently.
type IntakeConfig struct {
	Client  *Client
	Handler Handler

	// Apologize tells the chat that its update could not be handled; nil: nobody is told.
	Apologize func(ctx context.Context, u *models.Update)
	// OnUnavailable tells a chat, once per outage, that its answer will come later; nil: it just waits.
	OnUnavailable func(ctx context.Context, u *models.Update)

	// Redis holds order, duplicates and failures over several instances and restarts. nil, or
	// while it is down: this process keeps them in memory. See also ClientConfig.Redis.
	Redis   redis.UniversalClient
	Logger  *slog.Logger // nil: slog.Default()
	Metrics *Metrics     // nil: none

	Concurrency   int           // updates handled at the same time; 0: 64
	HandleTimeout time.Duration // of one handling; 0: 50 s, less than Telegram waits for a webhook
	PollTimeout   time.Duration // of a long poll; 0: 50 s, the longest the Bot API allows
	DrainTimeout  time.Duration // for what is in hand at the end; 0: 9 s, and 1 s to give up
}

// An update is let go after three failures. A process that dies has many updates in hand, most of which are not why: it
// takes as many deaths as three failures weigh.
const (
	failureWeighs = 3 // one of it is counted when the handling begins, so that a death is counted, too
	suspectMost   = 3 * failureWeighs
)

// abortMost is how long a handling that is cut short may take to notice.
const abortMost = time.Second

// An Intake receives updates, hands each to the Handler in its chat's turn, and acknowledges
// what was handled. Use Poll or Webhook, and one of them only.
type Intake struct {
	config IntakeConfig
	client *Client
	logger *slog.Logger

	open   context.Context // ends when nothing new is begun any more
	shut   context.CancelFunc
	alive  context.Context // ends when what is being handled must end, too
	abort  context.CancelFunc
	order  *order
	turns  *turns
	outage *outage
}

// NewIntake returns an intake that receives nothing yet.
func NewIntake(config IntakeConfig) *Intake {
	if config.Logger == nil {
		config.Logger = slog.Default()
	}
	setDefault(&config.Concurrency, 64)
	setDefault(&config.HandleTimeout, 50*time.Second)
	setDefault(&config.PollTimeout, 50*time.Second)
	setDefault(&config.DrainTimeout, 9*time.Second)
	remote := newRemote(config.Redis, config.Client.ID(), config.Logger)
	in := &Intake{
		config: config,
		client: config.Client,
		logger: config.Logger,
		turns:  newTurns(config.Concurrency, remote),
		outage: newOutage(),
	}
	in.open, in.shut = context.WithCancel(context.Background())
	in.alive, in.abort = context.WithCancel(context.Background())
	in.order = newOrder(in.alive.Done())
	return in
}

func setDefault[T ~int | ~int64](value *T, otherwise T) {
	if *value <= 0 {
		*value = otherwise
	}
}

// Drain begins nothing new and waits for what is being handled; after DrainTimeout, or when
// ctx ends, that is cancelled. What was not finished stays unacknowledged and comes again.
// A webhook's http.Server is shut down after Drain; Poll drains by itself.
func (in *Intake) Drain(ctx context.Context) error {
	in.shut()
	ctx, cancel := context.WithTimeout(ctx, in.config.DrainTimeout)
	defer cancel()
	select {
	case <-in.order.finished():
		in.abort()
		return nil
	case <-ctx.Done():
	}
	left := in.order.len()
	in.abort()
	select {
	case <-in.order.finished():
	case <-time.After(abortMost):
	}
	return fmt.Errorf("telegram: %d updates were cut short: %w", left, ctx.Err())
}

// A verdict is what came of giving an update to the handler once.
type verdict int

const (
	handled     verdict = iota // now
	repeated                   // before; it came again
	letGo                      // it failed too often
	failed                     // and counted; to be tried again
	unavailable                // not its fault; to be tried again
	stopped                    // nothing is begun any more, or the end came half way
)

var verdictNames = [...]string{
	handled: "handled", repeated: "repeated", letGo: "let_go",
	failed: "failed", unavailable: "unavailable", stopped: "stopped",
}

func (v verdict) String() string { return verdictNames[v] }

// final tells whether the update is to be acknowledged.
func (v verdict) final() bool { return v <= letGo }

// An arrival is an update that has come, with its trail from then on.
type arrival struct {
	*models.Update
	trail *trail.Update
	reply *reply // of a webhook; nil: there is none
}

func arrive(u *models.Update) arrival {
	return arrival{Update: u, trail: &trail.Update{ID: u.ID, Chat: ChatOf(u), At: time.Now()}}
}

// attempt gives u to the handler once, when its chat's turn has come. The pause is how long
// to wait before the next attempt, if Telegram said so.
func (in *Intake) attempt(u arrival) (v verdict, pause time.Duration) {
	open, alive := trail.With(in.open, u.trail), trail.With(in.alive, u.trail)
	turn, err := in.turns.take(open, alive, u.trail.Chat, u.ID)
	if err != nil {
		return stopped, 0
	}
	defer func() { turn.end(v) }()
	in.config.Metrics.turn(u.trail)
	defer func() { in.config.Metrics.handled(u.trail, v) }()

	switch {
	case turn.suspicion == 0:
		return repeated, 0
	case turn.suspicion > suspectMost: // the process died each time, in the end perhaps of the apology
		in.letGo(turn.ctx, u, turn.suspicion <= suspectMost+1)
		return letGo, 0
	}
	ctx := context.WithValue(turn.ctx, replyKey{}, u.reply)
	if turn.continued {
		ctx = context.WithValue(ctx, continuedKey{}, true)
	}
	err = in.handle(ctx, u.Update)
	return in.judge(turn, u, err)
}

// judge decides what becomes of u after the handler returned err.
func (in *Intake) judge(turn *turn, u arrival, err error) (verdict, time.Duration) {
	ctx, chat := turn.ctx, u.trail.Chat
	switch {
	case err == nil:
		in.outage.over(chat)
		return handled, 0
	case turn.cut():
		in.logger.WarnContext(ctx, "update cut short, it will come again", "route", u.trail.Route(), "reason", context.Cause(ctx))
		if in.alive.Err() == nil {
			return unavailable, 0
		}
		return stopped, 0
	case in.notItsFault(u.ID, err):
		if in.outage.first(chat) {
			in.logger.WarnContext(ctx, "update waits for something that is down", "route", u.trail.Route(), "error", err)
			in.tell(in.config.OnUnavailable, u)
		}
		return unavailable, RetryAfter(err)
	}
	in.logger.ErrorContext(ctx, "update failed", "route", u.trail.Route(), "error", err, stackOf(err))
	if turn.suspicion+failureWeighs-1 < suspectMost {
		return failed, 0
	}
	in.letGo(ctx, u, true)
	return letGo, 0
}

// notItsFault tells whether a handling failed for a reason that lies outside the update.
func (in *Intake) notItsFault(update int64, err error) bool {
	var unanswered *CallError
	switch {
	case errors.Is(err, ErrUnavailable), Classify(err) == TooMany:
		return true
	case errors.As(err, &unanswered) && !unanswered.final():
		// By its own words Telegram is in trouble: over everything, as while it restarts, or over just this message.
		return unanswered.Description == "" || in.turns.poison.bear(update)
	}
	return false
}

// letGo gives up on u: an update that always fails must not hold its chat for ever. When even the
// apology kills the process, it is left out.
func (in *Intake) letGo(ctx context.Context, u arrival, apologize bool) {
	in.logger.ErrorContext(ctx, "update let go", "route", u.trail.Route())
	if apologize {
		in.tell(in.config.Apologize, u)
	}
}

// handle runs the handler; its panic is a failure.
func (in *Intake) handle(ctx context.Context, u *models.Update) (err error) {
	ctx, cancel := context.WithTimeout(ctx, in.config.HandleTimeout)
	defer cancel()
	defer func() {
		if reason := recover(); reason != nil {
			err = &panicError{reason: reason, stack: debug.Stack()}
		}
	}()
	return in.config.Handler(ctx, u)
}

// tell says something to the chat; it cannot fail, for there is nothing left to do then.
func (in *Intake) tell(say func(context.Context, *models.Update), u arrival) {
	if say == nil {
		return
	}
	ctx, cancel := context.WithTimeout(trail.With(in.alive, u.trail), 10*time.Second)
	defer cancel()
	defer func() {
		if reason := recover(); reason != nil {
			err := &panicError{reason: reason, stack: debug.Stack()}
			in.logger.ErrorContext(ctx, "could not tell the chat", "error", err, stackOf(err))
		}
	}()
	say(ctx, u.Update)
}

type panicError struct {
	reason any
	stack  []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.reason) }

func (e *panicError) Unwrap() error {
	err, _ := e.reason.(error)
	return err
}

// stackOf returns the log attribute with the stack of a panic; empty for other errors.
func stackOf(err error) slog.Attr {
	var panicked *panicError
	if errors.As(err, &panicked) {
		return slog.String("stack", string(panicked.stack))
	}
	return slog.Attr{}
}
