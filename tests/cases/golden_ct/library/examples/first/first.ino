/* first.ino: one sample through network 'golden_ct' every second, answers on the serial line. */
#include <Arduino.h>

#include <golden_ct.h>

/* A made-up sample: one ON and one OFF event in every step, moving along the sensor's diagonal. */
static int give_sample(void)
{
    for (uint32_t step = 0; step < GOLDEN_CT_STEPS; step++) {
        uint32_t t_us = 0u + step * 1000u;
        for (uint8_t polarity = 0; polarity < 2; polarity++) {
            int status = golden_ct_push_event((uint16_t)(step % 3u), (uint16_t)(step % 2u), polarity, t_us);
            if (status != SPIKEC_OK) {
                return status;
            }
        }
    }
    return golden_ct_finish();
}

static const char *const digit_labels[] = {
    "0", "1",
};
static const char *const motion_labels[] = {
    "\"up\" \\ *\077",
};

void setup()
{
    Serial.begin(115200);
}

void loop()
{
    golden_ct_init();
    int status = give_sample();
    if (status != SPIKEC_OK) {
        Serial.print("the network refused the sample: ");
        Serial.println(status);
    }
    while (golden_ct_step()) {
    }
    Serial.print("digit: ");
    Serial.println(digit_labels[golden_ct_answer(GOLDEN_CT_HEAD_DIGIT)]);
    Serial.print("motion: ");
    Serial.println(motion_labels[golden_ct_answer(GOLDEN_CT_HEAD_MOTION)]);
    delay(1000);
}
