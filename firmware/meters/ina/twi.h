/* twi.h: registers of one chip on the two-wire bus at 400 kHz. Functions are false where it does not answer. */
#ifndef INA_TWI_H
#define INA_TWI_H

#include <stdbool.h>
#include <stdint.h>

void twi_start(void);

bool twi_write(uint8_t address, uint8_t chip_register, uint16_t value);

/* Read a register of so many bytes, the highest first. */
bool twi_read(uint8_t address, uint8_t chip_register, uint8_t bytes, uint32_t *value);

#endif
