package telegram

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

const (
	secretHeader = "X-Telegram-Bot-Api-Secret-Token"
	webhookBody  = 1 << 20
	// webhookPatience is less than the 60 s after which Telegram hangs up.
	webhookPatience = 55 * time.Second
)

// Webhook returns the handler of the URL given to Client.UseWebhook, with the same secret. It
// answers 200 only when the update is finished; otherwise Telegram brings it again, after
// Retry-After, and holds back what comes after it in the same chat.
func (in *Intake) Webhook(secret string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch u, status := in.readWebhook(w, r, secret); status {
		case 0:
			in.answer(w, r, u)
		case http.StatusOK:
			w.WriteHeader(status)
		default:
			http.Error(w, http.StatusText(status), status)
		}
	})
}

// readWebhook returns the update in a request, or the HTTP status that settles it.
func (in *Intake) readWebhook(w http.ResponseWriter, r *http.Request, secret string) (*models.Update, int) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return nil, http.StatusMethodNotAllowed
	}
	given := r.Header.Get(secretHeader)
	if secret == "" || subtle.ConstantTimeCompare([]byte(given), []byte(secret)) != 1 {
		return nil, http.StatusUnauthorized
	}
	body, err := readAll(http.MaxBytesReader(w, r.Body, webhookBody), r.ContentLength)
	defer forget(body)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, http.StatusRequestEntityTooLarge
	case err != nil:
		return nil, http.StatusBadRequest
	}
	u, err := readUpdate(body.Bytes())
	switch {
	case u == nil:
		return nil, http.StatusBadRequest
	case err != nil: // Telegram's, of a shape we cannot read: refused, it would come again and again
		in.logger.Error("update is not readable, skipped", "update", u.ID, "error", err)
		return nil, http.StatusOK
	}
	return u, 0
}

// answer waits for u's turn and end. When Telegram hangs up meanwhile, u is handled all the same.
func (in *Intake) answer(w http.ResponseWriter, r *http.Request, u *models.Update) {
	type end struct {
		verdict verdict
		pause   time.Duration
	}
	ended := make(chan end, 1)
	in.config.Metrics.took(1)
	came := arrive(u)
	came.reply = &reply{}
	in.order.add(came.trail.Chat, func() {
		defer in.config.Metrics.took(-1)
		v, pause := in.attempt(came)
		ended <- end{v, pause}
	})
	patience := time.NewTimer(webhookPatience)
	defer patience.Stop()
	select {
	case e := <-ended:
		if !e.verdict.final() {
			comeAgain(w, e.verdict, e.pause)
			return
		}
		if e.verdict == repeated { // the first answer may not have arrived
			came.reply.end(u)
		}
		came.reply.write(w)
	case <-patience.C:
		comeAgain(w, unavailable, 0)
	case <-r.Context().Done(): // nobody is there to read it
		comeAgain(w, unavailable, 0)
	}
}

// comeAgain answers that the update is to come again.
func comeAgain(w http.ResponseWriter, v verdict, pause time.Duration) {
	least := time.Second
	if v == unavailable {
		least = 5 * time.Second
	}
	seconds := int(max(pause, least) / time.Second)
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
}

// A reply is a call of the Bot API that goes out as the answer to a webhook's request, which takes no request of its own.
// Nobody learns what came of it: it is for a tap that has been dealt with and only wants its button to stop spinning.
type reply struct{ tap string } // the callback query's id; empty: no call

type replyKey struct{} // context key of *reply

// end stops the spinning of an update's button, if it is a tap.
func (r *reply) end(u *models.Update) {
	if u.CallbackQuery != nil {
		r.tap = u.CallbackQuery.ID
	}
}

func (r *reply) write(w http.ResponseWriter) {
	if r.tap == "" {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(struct { // Telegram may have gone
		Tap    string `json:"callback_query_id"`
		Method string `json:"method"`
	}{r.tap, "answerCallbackQuery"})
}

// EndTap lets the button of a tap stop spinning and says nothing. By webhook that is a part of the answer to the request
// that brought the update ctx belongs to, once it is handled; else it is a call.
func (c *Client) EndTap(ctx context.Context, tap string) error {
	if r, ok := ctx.Value(replyKey{}).(*reply); ok && r != nil {
		r.tap = tap
		return nil
	}
	_, err := c.AnswerCallbackQuery(ctx, &bot.AnswerCallbackQueryParams{CallbackQueryID: tap})
	return err
}
