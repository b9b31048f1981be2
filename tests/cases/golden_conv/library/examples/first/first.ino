/* first.ino: one sample through network 'golden_conv' every second, answers on the serial line. */
#include <Arduino.h>

#include <golden_conv.h>

/* A made-up sample: one ON and one OFF event in every step, moving along the sensor's diagonal. */
static int give_sample(void)
{
    for (uint32_t step = 0; step < GOLDEN_CONV_STEPS; step++) {
        uint32_t t_us = 0u + step * 1000u;
        for (uint8_t polarity = 0; polarity < 2; polarity++) {
            int status = golden_conv_push_event((uint16_t)(step % 5u), (uint16_t)(step % 4u), polarity, t_us);
            if (status != SPIKEC_OK) {
                return status;
            }
        }
    }
    return golden_conv_finish();
}

static const char *const place_labels[] = {
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11",
};

void setup()
{
    Serial.begin(115200);
}

void loop()
{
    golden_conv_init();
    int status = give_sample();
    if (status != SPIKEC_OK) {
        Serial.print("the network refused the sample: ");
        Serial.println(status);
    }
    while (golden_conv_step()) {
    }
    Serial.print("place: ");
    Serial.println(place_labels[golden_conv_answer(GOLDEN_CONV_HEAD_PLACE)]);
    delay(1000);
}
