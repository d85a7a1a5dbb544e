package embedded

import (
	"encoding/binary"
	"hash/crc32"
)

// xzStored wraps data in the .xz format without compressing it: no library at hand writes the format,
// and LZMA2 has a kind of chunk that holds bytes as they are.
func xzStored(data []byte) []byte {
	const stream = "\xFD7zXZ\x00"
	flags := []byte{0, 0} // no checksum of the content
	header := []byte{2, 0, 0x21, 1, 0, 0, 0, 0}

	out := append([]byte(stream), flags...)
	out = append(out, checksum(flags)...)
	out = append(out, header...)
	out = append(out, checksum(header)...)
	blockStart := len(out) - len(header) - 4
	out = appendChunks(out, data)
	unpadded := len(out) - blockStart
	out = pad(out)

	index := []byte{0, 1}
	index = binary.AppendUvarint(index, uint64(unpadded))
	index = binary.AppendUvarint(index, uint64(len(data)))
	index = pad(index)
	out = append(out, index...)
	out = append(out, checksum(index)...)

	footer := binary.LittleEndian.AppendUint32(nil, uint32((len(index)+4)/4-1))
	footer = append(footer, flags...)
	out = append(out, checksum(footer)...)
	out = append(out, footer...)
	return append(out, "YZ"...)
}

func appendChunks(out, data []byte) []byte {
	const limit = 1 << 16
	control := byte(1) // the first chunk resets the dictionary
	for len(data) > 0 {
		chunk := data[:min(limit, len(data))]
		data = data[len(chunk):]
		out = append(out, control)
		out = binary.BigEndian.AppendUint16(out, uint16(len(chunk)-1))
		out = append(out, chunk...)
		control = 2
	}
	return append(out, 0)
}

func checksum(data []byte) []byte {
	return binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(data))
}

func pad(data []byte) []byte {
	for len(data)%4 != 0 {
		data = append(data, 0)
	}
	return data
}
