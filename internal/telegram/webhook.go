package telegram

import (
	"context"
	"crypto/subtle"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

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
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, webhookBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, http.StatusRequestEntityTooLarge
	case err != nil:
		return nil, http.StatusBadRequest
	}
	u, err := readUpdate(body)
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
	in.order.add(came.trail.Chat, func() {
		defer in.config.Metrics.took(-1)
		v, pause := in.attempt(came)
		ended <- end{v, pause}
	})
	ctx, cancel := context.WithTimeout(r.Context(), webhookPatience)
	defer cancel()
	select {
	case e := <-ended:
		if !e.verdict.final() {
			comeAgain(w, e.verdict, e.pause)
		}
	case <-ctx.Done():
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
