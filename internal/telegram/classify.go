package telegram

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-telegram/bot"
)

// An Outcome is what came of a call, as far as anybody decides on it.
type Outcome int

// The outcomes of a call.
const (
	OK           Outcome = iota
	NotModified          // the message already looks like that
	Blocked              // the person blocked the bot, or a group threw it out
	Deactivated          // the person's account is gone
	CantInitiate         // the person never pressed START
	ChatNotFound         // no such chat, or not for this bot
	QueryTooOld          // the callback can no longer be answered
	MessageGone          // the message can no longer be edited or deleted
	TooMany              // refused for now; RetryAfter says for how long
	Conflict             // somebody else receives this bot's updates
	Unauthorized         // the token is not, or no longer, valid
	Transient            // nobody answered, or Telegram is in trouble: the same call may work later
	Permanent            // the same call will be refused again
)

var outcomeNames = [...]string{
	OK: "ok", NotModified: "not_modified", Blocked: "blocked", Deactivated: "deactivated",
	CantInitiate: "cant_initiate", ChatNotFound: "chat_not_found", QueryTooOld: "query_too_old",
	MessageGone: "message_gone", TooMany: "too_many", Conflict: "conflict", Unauthorized: "unauthorized",
	Transient: "transient", Permanent: "permanent",
}

func (o Outcome) String() string { return outcomeNames[o] }

// Done tells whether the call reached what it wanted.
func (o Outcome) Done() bool { return o == OK || o == NotModified }

// Unreachable tells whether messages to this person are in vain until they write again.
func (o Outcome) Unreachable() bool {
	return o == Blocked || o == Deactivated || o == CantInitiate || o == ChatNotFound
}

// Later tells whether the same call may succeed later.
func (o Outcome) Later() bool { return o == TooMany || o == Transient }

// Stale tells whether the call came too late for what it was about: a tap or a message
// that is no longer there. There is nothing to repair and nobody to tell.
func (o Outcome) Stale() bool { return o == QueryTooOld || o == MessageGone }

// A CallError is a call without a verdict: no answer, or one that only says that Telegram,
// or a gateway before it, is in trouble.
type CallError struct {
	Status      int    // of the HTTP answer; 0 without one
	Description string // Telegram's own words; empty when a gateway answered, or nobody
	Unsure      bool   // it may have been carried out all the same
	Err         error  // what went wrong; nil with a Status
}

func (e *CallError) Error() string {
	switch {
	case e.Err != nil:
		return "no answer: " + e.Err.Error()
	case e.Description != "":
		return fmt.Sprintf("telegram is in trouble: %d %s", e.Status, e.Description)
	default:
		return fmt.Sprintf("not an answer of the Bot API: %d %s", e.Status, http.StatusText(e.Status))
	}
}

func (e *CallError) Unwrap() error { return e.Err }

// final tells whether a gateway refused the request itself (too large, wrong address), so that
// the same request fares no better later.
func (e *CallError) final() bool {
	return e.Status >= 300 && e.Status < 500 && e.Status != http.StatusTooManyRequests
}

// descriptions are the beginnings of Telegram's error texts that somebody decides on, by the
// prefix the Bot API server puts before them. Nothing else tells these cases apart.
var descriptions = []struct {
	prefix, text string
	outcome      Outcome
}{
	{"Bad Request: ", "message is not modified", NotModified},
	{"Bad Request: ", "query is too old", QueryTooOld},
	{"Bad Request: ", "QUERY_ID_INVALID", QueryTooOld},
	{"Bad Request: ", "chat not found", ChatNotFound},
	{"Bad Request: ", "user not found", ChatNotFound},
	{"Bad Request: ", "PEER_ID_INVALID", ChatNotFound},
	{"Bad Request: ", "message to edit not found", MessageGone},
	{"Bad Request: ", "message can't be edited", MessageGone},
	{"Bad Request: ", "there is no text in the message to edit", MessageGone}, // a photo: only a forged tap leads there
	{"Bad Request: ", "message to delete not found", MessageGone},
	{"Bad Request: ", "message can't be deleted", MessageGone},
	{"Bad Request: ", "MESSAGE_ID_INVALID", MessageGone},
	{"Forbidden: ", "user is deactivated", Deactivated},
	{"Forbidden: ", "bot can't initiate conversation", CantInitiate},
	{"Forbidden: ", "", Blocked},
}

// Classify says what came of a call, given the error it returned.
func Classify(err error) Outcome {
	if err == nil { // nearly always; what follows allocates
		return OK
	}
	var refused *bot.TooManyRequestsError
	var unanswered *CallError
	switch {
	case errors.As(err, &refused):
		return TooMany
	case errors.As(err, &unanswered) && unanswered.final():
		return Permanent
	case unanswered != nil,
		errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return Transient
	case errors.Is(err, bot.ErrorUnauthorized):
		return Unauthorized
	case errors.Is(err, bot.ErrorConflict):
		return Conflict
	case errors.Is(err, bot.ErrorBadRequest), errors.Is(err, bot.ErrorForbidden):
		return classifyDescription(err)
	}
	return Permanent
}

func classifyDescription(err error) Outcome {
	text := err.Error()
	for _, d := range descriptions {
		if _, rest, found := strings.Cut(text, d.prefix); found && strings.HasPrefix(rest, d.text) {
			return d.outcome
		}
	}
	if errors.Is(err, bot.ErrorForbidden) {
		return Blocked
	}
	return Permanent
}

// RetryAfter returns how long Telegram, or our own limits, asked to wait; 0 when err asks nothing.
func RetryAfter(err error) time.Duration {
	var refused *bot.TooManyRequestsError
	if errors.As(err, &refused) {
		return time.Duration(refused.RetryAfter) * time.Second
	}
	return 0
}

// envelope is what every answer of the Bot API is wrapped in.
type envelope struct {
	OK          bool   `json:"ok"`
	Code        int    `json:"error_code"`
	Description string `json:"description"`
	Parameters  struct {
		RetryAfter int `json:"retry_after"`
	} `json:"parameters"`
}

// err returns the refusal in an answer as the same errors go-telegram/bot makes of it.
func (e *envelope) err() error {
	if e.OK {
		return nil
	}
	var kind error
	switch e.Code {
	case http.StatusTooManyRequests:
		return &bot.TooManyRequestsError{Message: e.Description, RetryAfter: e.Parameters.RetryAfter}
	case http.StatusBadRequest:
		kind = bot.ErrorBadRequest
	case http.StatusUnauthorized:
		kind = bot.ErrorUnauthorized
	case http.StatusForbidden:
		kind = bot.ErrorForbidden
	case http.StatusNotFound:
		kind = bot.ErrorNotFound
	case http.StatusConflict:
		kind = bot.ErrorConflict
	default:
		return fmt.Errorf("%d %s", e.Code, e.Description)
	}
	return fmt.Errorf("%w, %s", kind, e.Description)
}
