package chat

import (
	"context"

	"vetalyze/internal/telegram"
)

// Post sends a screen to somebody on the bot's own account, without an update to answer, and returns the message's id.
func Post(ctx context.Context, api *telegram.Client, locale Locale, to int64, screen Screen) (messageID int, err error) {
	t := &Turn{Locale: locale, api: api, chatID: to}
	return t.Send(ctx, screen)
}
