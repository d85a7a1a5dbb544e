package telegram

import (
	"encoding/json"
	"errors"

	"github.com/go-telegram/bot/models"
)

// received is an update as it comes. A tap brings along the whole message with all its buttons; which message it was is all
// that is read of it.
type received struct {
	models.Update
	CallbackQuery *struct {
		models.CallbackQuery
		Message *struct {
			ID   int         `json:"message_id"`
			Date int         `json:"date"` // 0: Telegram no longer has it
			Chat models.Chat `json:"chat"`
		} `json:"message"`
	} `json:"callback_query"`
}

// update returns what was received in the library's terms.
func (r *received) update() *models.Update {
	u := r.Update
	if r.CallbackQuery == nil {
		return &u
	}
	u.CallbackQuery = &r.CallbackQuery.CallbackQuery
	switch m := r.CallbackQuery.Message; {
	case m == nil:
	case m.Date == 0:
		u.CallbackQuery.Message = models.MaybeInaccessibleMessage{
			Type:                models.MaybeInaccessibleMessageTypeInaccessibleMessage,
			InaccessibleMessage: &models.InaccessibleMessage{MessageID: m.ID, Chat: m.Chat},
		}
	default:
		u.CallbackQuery.Message = models.MaybeInaccessibleMessage{
			Type:    models.MaybeInaccessibleMessageTypeMessage,
			Message: &models.Message{ID: m.ID, Date: m.Date, Chat: m.Chat},
		}
	}
	return &u
}

// readUpdate returns the update; with an error, only its id; nil when it has not even that.
func readUpdate(raw []byte) (*models.Update, error) {
	var whole received
	err := json.Unmarshal(raw, &whole)
	if err == nil && whole.ID != 0 {
		return whole.update(), nil
	}
	var bare struct {
		ID int64 `json:"update_id"`
	}
	if idErr := json.Unmarshal(raw, &bare); idErr != nil || bare.ID == 0 {
		return nil, errors.Join(errors.New("no update_id"), idErr)
	}
	return &models.Update{ID: bare.ID}, err
}
