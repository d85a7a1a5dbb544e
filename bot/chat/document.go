package chat

import (
	"bytes"
	"context"
	"fmt"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

// A Document is a file with words below it; the words are at most 1024
// characters, as Telegram counts them, the file at most 50 MB.
type Document struct {
	Data    []byte
	Name    string // with its extension
	Caption HTML
}

// UploadDocument sends a file as a new message.
func (t *Turn) UploadDocument(ctx context.Context, document Document) error {
	_, err := t.api.SendDocument(ctx, &tg.SendDocumentParams{
		ChatID:    t.chatID,
		Document:  &models.InputFileUpload{Filename: document.Name, Data: bytes.NewReader(document.Data)},
		Caption:   t.laid(document.Caption),
		ParseMode: models.ParseModeHTML,
	})
	if err != nil {
		return fmt.Errorf("send a file: %w", err)
	}
	return nil
}

// Sending shows the person that a file is on its way, as a courtesy like Drawing.
func (t *Turn) Sending(ctx context.Context) {
	_, _ = t.api.SendChatAction(ctx, &tg.SendChatActionParams{ChatID: t.chatID, Action: models.ChatActionUploadDocument})
}
