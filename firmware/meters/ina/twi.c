/* twi.c: see twi.h. */
#include "twi.h"

#include <avr/io.h>
#include <util/twi.h>

#define BUS_HZ 400000u
#define PATIENCE 2000u /* looks at the bus, some milliseconds: then nobody is there */

void twi_start(void)
{
    TWSR = 0;
    TWBR = (F_CPU / BUS_HZ - 16u) / 2u;
    TWCR = _BV(TWEN);
}

/* The bus does what `control` says; whether it is then in that state. */
static bool act(uint8_t control, uint8_t state)
{
    TWCR = (uint8_t)(_BV(TWINT) | _BV(TWEN) | control);
    for (uint16_t looks = 0; looks < PATIENCE; looks++) {
        if ((TWCR & _BV(TWINT)) != 0) {
            return (TWSR & 0xF8u) == state;
        }
    }
    return false;
}

static bool send(uint8_t byte, uint8_t state)
{
    TWDR = byte;
    return act(0, state);
}

static void stop(void)
{
    TWCR = _BV(TWINT) | _BV(TWEN) | _BV(TWSTO);
    for (uint16_t looks = 0; looks < PATIENCE && (TWCR & _BV(TWSTO)) != 0; looks++) {
    }
}

/* Every access begins so: the chip's register pointer is set. */
static bool point(uint8_t address, uint8_t chip_register)
{
    return act(_BV(TWSTA), TW_START) && send((uint8_t)(address << 1), TW_MT_SLA_ACK) &&
           send(chip_register, TW_MT_DATA_ACK);
}

bool twi_write(uint8_t address, uint8_t chip_register, uint16_t value)
{
    bool done = point(address, chip_register) && send((uint8_t)(value >> 8), TW_MT_DATA_ACK) &&
                send((uint8_t)value, TW_MT_DATA_ACK);
    stop();
    return done;
}

bool twi_read(uint8_t address, uint8_t chip_register, uint8_t bytes, uint32_t *value)
{
    bool done = point(address, chip_register) && act(_BV(TWSTA), TW_REP_START) &&
                send((uint8_t)(address << 1 | 1u), TW_MR_SLA_ACK);
    *value = 0;
    for (; done && bytes > 0; bytes--) {
        bool last = bytes == 1;
        done = act(last ? 0 : _BV(TWEA), last ? TW_MR_DATA_NACK : TW_MR_DATA_ACK);
        *value = *value << 8 | TWDR;
    }
    stop();
    return done;
}
