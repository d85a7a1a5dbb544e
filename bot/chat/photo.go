package chat

import (
	"bytes"
	"context"
	"fmt"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

// A Photo is a picture with words below it; the words are at most 1024
// characters, as Telegram counts them.
type Photo struct {
	PNG     []byte
	Name    string // of the file, without its extension
	Caption HTML
}

// UploadPhoto sends a picture that was just drawn as a new message and returns its id.
func (t *Turn) UploadPhoto(ctx context.Context, photo Photo) (messageID int, err error) {
	message, err := t.api.SendPhoto(ctx, &tg.SendPhotoParams{
		ChatID:    t.chatID,
		Photo:     &models.InputFileUpload{Filename: photo.Name + ".png", Data: bytes.NewReader(photo.PNG)},
		Caption:   t.laid(photo.Caption),
		ParseMode: models.ParseModeHTML,
	})
	if err != nil {
		return 0, fmt.Errorf("send a photo: %w", err)
	}
	return message.ID, nil
}

// Drawing shows the person that a photo is on its way. It is a courtesy: that it
// did not arrive is nothing to stop for.
func (t *Turn) Drawing(ctx context.Context) {
	_, _ = t.api.SendChatAction(ctx, &tg.SendChatActionParams{ChatID: t.chatID, Action: models.ChatActionUploadPhoto})
}
