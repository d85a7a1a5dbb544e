package staff

import (
	"context"
	"fmt"

	"vetalyze/db"
)

// SetLanguage has the account spoken to in "en" or "ar" from now on.
func (s *Staff) SetLanguage(ctx context.Context, telegramID int64, language string) error {
	err := s.query.PersonSetLanguage(ctx, s.db.Person(telegramID), db.PersonSetLanguageParams{
		TelegramID: telegramID, Language: language, Now: s.clock.Now(),
	})
	if err != nil {
		return fmt.Errorf("set the language: %w", err)
	}
	return nil
}

// SetMenu remembers which command menu the account's chat shows.
func (s *Staff) SetMenu(ctx context.Context, telegramID int64, menu string) error {
	if err := s.query.PersonSetMenu(ctx, s.db.Person(telegramID), menu, telegramID); err != nil {
		return fmt.Errorf("remember the menu: %w", err)
	}
	return nil
}

// ChooseClinic has the speaker work in another of their clinics, and returns them as they are there; ErrNotFound for a
// clinic that is not theirs.
func (s *Staff) ChooseClinic(ctx context.Context, speaker Speaker, clinicID int64) (Speaker, error) {
	chosen, err := s.query.PersonChooseClinic(ctx, s.db.Person(speaker.TelegramID), clinicID, speaker.TelegramID)
	if err != nil {
		return speaker, fmt.Errorf("choose a clinic: %w", err)
	}
	if chosen == 0 {
		return speaker, ErrNotFound
	}
	return s.Find(ctx, speaker.TelegramID, speaker.Language)
}

// MarkUnreachable remembers since when the account gets no messages: it blocked the bot.
func (s *Staff) MarkUnreachable(ctx context.Context, telegramID int64) error {
	if err := s.query.PersonMarkUnreachable(ctx, s.db.Person(telegramID), s.clock.Now(), telegramID); err != nil {
		return fmt.Errorf("mark as unreachable: %w", err)
	}
	return nil
}

// Revive takes MarkUnreachable back: the account has written again.
func (s *Staff) Revive(ctx context.Context, telegramID int64) error {
	if err := s.query.PersonRevive(ctx, s.db.Person(telegramID), telegramID); err != nil {
		return fmt.Errorf("revive: %w", err)
	}
	return nil
}
