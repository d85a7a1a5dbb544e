package telegram

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/go-telegram/bot/models"
	"github.com/tidwall/gjson"
)

// readUpdate returns the update; with an error, only its id; nil when it has not even that.
func readUpdate(raw []byte) (*models.Update, error) {
	var u models.Update
	err := json.Unmarshal(shorten(raw), &u)
	if err == nil && u.ID != 0 {
		return &u, nil
	}
	var bare struct {
		ID int64 `json:"update_id"`
	}
	if idErr := json.Unmarshal(raw, &bare); idErr != nil || bare.ID == 0 {
		return nil, errors.Join(errors.New("no update_id"), idErr)
	}
	return &models.Update{ID: bare.ID}, err
}

// shorten leaves of the message that a tap is below only which one it was. It comes whole, with all its buttons, and is nine
// tenths of what there is to read. Without its date it is taken for one that Telegram itself knows no more about, which is
// read at once and is a ninth as large.
func shorten(raw []byte) []byte {
	message := gjson.GetBytes(raw, "callback_query.message")
	if !message.IsObject() || !gjson.Valid(message.Raw) {
		return raw // for the decoder to find out what it is
	}
	which := message.Get("{message_id,chat}").Raw
	return slices.Concat(raw[:message.Index], []byte(which), raw[message.Index+len(message.Raw):])
}
